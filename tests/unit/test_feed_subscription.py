"""Subscriptions: what back-off does, and what subscribing gives."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from linkage_runtime.master_keys import MasterKeys
from supervision_push.adapters.subscriptions.endpoint_addresses import ForbiddenEndpointError
from supervision_push.adapters.subscriptions.sealed_secrets import (
    SealedSecrets,
    UnreadableSecretError,
)
from supervision_push.application.subscribe import OtherSettingsError, Start
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.outcome import gone
from supervision_push.domain.preferences import Preferences
from supervision_push.domain.stretch import Stretch
from supervision_push.domain.subscription import SubscriptionState
from supervision_push.domain.trouble import pause_after
from tests.unit.feed_desk import SubscriptionDesk
from tests.unit.feed_fakes import BUREAU, NOON, an_entry

HOOK = "https://supervisor.example/hook"


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_a_pause_is_between_a_second_and_an_hour_and_never_half_of_the_full_one(
    failures: int, chance: float
) -> None:
    full = min(2.0 ** min(failures - 1, 20), 3600)
    assert max(1.0, full / 2) <= pause_after(failures, chance).total_seconds() <= full


def test_pauses_double_from_a_second_to_an_hour() -> None:
    pauses = [pause_after(failures, 0.0).total_seconds() for failures in range(1, 15)]
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-2:] == [3600, 3600]


async def test_a_webhooks_secret_is_shown_once_and_stored_sealed() -> None:
    desk = SubscriptionDesk()
    made = await desk.webhook(HOOK)
    again = await desk.webhook(HOOK)
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    assert Webhook(made.secret).sign("id", NOON, "x")
    assert (again.secret, again.is_new) == (None, False)
    sealed = made.subscription.sealed_secret or b""
    assert made.secret.encode() not in sealed
    assert desk.secrets.open(made.subscription.id, sealed) == made.secret


def test_a_secret_does_not_open_for_another_subscription_or_master_key() -> None:
    box = SealedSecrets(MasterKeys(b"m" * 32)).seal("one", "whsec_x")
    with pytest.raises(UnreadableSecretError):
        SealedSecrets(MasterKeys(b"m" * 32)).open("other", box)
    with pytest.raises(UnreadableSecretError):
        SealedSecrets(MasterKeys(b"n" * 32)).open("one", box)


async def test_a_subscription_begins_with_the_first_entry_of_its_own_partition() -> None:
    position = (await SubscriptionDesk().webhook(HOOK)).subscription.position
    assert (position.partition, position.offset) == (4, -1)


async def test_a_subscription_may_begin_now() -> None:
    desk = SubscriptionDesk()
    await desk.feed.raise_watermarks({4: Stretch(first=17, last=17, recipients=None)})
    assert (await desk.webhook(HOOK, start=Start.NOW)).subscription.position.offset == 17


async def test_a_subscription_may_begin_at_a_time() -> None:
    desk = SubscriptionDesk()
    hours = [NOON + timedelta(hours=number) for number in range(4)]
    await write_feed(
        [an_entry(10 * n, partition=4, stored_at=hour) for n, hour in enumerate(hours)],
        feed=desk.feed,
    )
    at = NOON + timedelta(minutes=90)
    assert (await desk.webhook(HOOK, start=at)).subscription.position.offset == 19
    later = await desk.webhook(HOOK, name="later", start=NOON + timedelta(days=1))
    assert later.subscription.position.offset == 30


async def test_a_webhook_waits_for_its_test_and_a_topic_for_nothing() -> None:
    desk = SubscriptionDesk()
    assert (await desk.webhook(HOOK)).subscription.state is SubscriptionState.PENDING
    assert (await desk.kafka()).subscription.state is SubscriptionState.ACTIVE


async def test_several_of_one_organisation_are_told_apart_by_name() -> None:
    desk = SubscriptionDesk()
    made = [await desk.webhook(HOOK, name=name) for name in ("district", "warehouse", "")]
    topics = [await desk.kafka(name=name) for name in ("district", "")]
    assert len({one.subscription.id for one in (*made, *topics)}) == 5
    assert [*desk.topics.values()] == [BUREAU, BUREAU]
    assert all(topic.startswith(f"linkage.feed.{BUREAU}") for topic in desk.topics)


async def test_the_same_name_with_other_settings_is_refused_not_ignored() -> None:
    desk = SubscriptionDesk()
    made = await desk.webhook(HOOK)
    with pytest.raises(OtherSettingsError) as refused:
        await desk.webhook(HOOK, preferences=Preferences(batch_size=7))
    assert refused.value.existing == made.subscription.id


async def test_subscribing_again_resumes_a_paused_subscription_where_it_stood() -> None:
    desk = SubscriptionDesk()
    made = (await desk.webhook(HOOK)).subscription
    await desk.subscriptions.save(made, gone(made.verified(NOON).passed(41), NOON))
    again = (await desk.webhook(HOOK)).subscription
    assert again.state is SubscriptionState.ACTIVE
    assert (again.position.offset, again.trouble) == (41, None)
    history = await desk.subscriptions.history(made.id, BUREAU)
    assert [(line.what, line.by) for line in history] == [("created", "key1"), ("resumed", "key1")]


async def test_a_removed_subscription_is_made_anew_with_another_secret() -> None:
    desk = SubscriptionDesk()
    made = await desk.webhook(HOOK)
    await desk.subscriptions.save(made.subscription, made.subscription.removed())
    again = await desk.webhook(HOOK)
    assert again.is_new
    assert again.secret not in {None, made.secret}


async def test_kafka_gives_a_topic_of_the_organisations_own_and_no_secret() -> None:
    desk = SubscriptionDesk()
    made = await desk.kafka()
    assert made.subscription.topic == f"linkage.feed.{BUREAU}"
    assert desk.topics == {f"linkage.feed.{BUREAU}": BUREAU}
    assert made.secret is None


async def test_nothing_is_stored_for_a_forbidden_endpoint() -> None:
    desk = SubscriptionDesk(forbidden={HOOK})
    with pytest.raises(ForbiddenEndpointError):
        await desk.webhook(HOOK)
    assert desk.subscriptions.by_id == {}
