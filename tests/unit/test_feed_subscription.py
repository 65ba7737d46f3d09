"""Subscriptions: what back-off does, and what subscribing gives."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from supervision_push.adapters.endpoint_addresses import ForbiddenEndpointError
from supervision_push.adapters.sealed_secrets import SealedSecrets, UnreadableSecretError
from supervision_push.domain.subscription import SubscriptionState, pause_after
from tests.unit.feed_desk import SubscriptionDesk
from tests.unit.feed_fakes import BUREAU, NOON, a_subscription

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


def test_trouble_begins_with_the_first_failure_and_ends_with_a_delivery() -> None:
    once = a_subscription().failed(NOON, "HTTP 500", chance=0.5)
    twice = once.failed(NOON + timedelta(minutes=1), "timeout", chance=0.5)
    assert twice.trouble is not None
    assert (twice.trouble.failures, twice.trouble.since) == (2, NOON)
    assert twice.delivered(3).trouble is None


def test_an_absurd_retry_after_is_obeyed_for_a_day_only() -> None:
    failed = a_subscription().failed(NOON, "x", chance=0, retry_after=timedelta(days=900))
    assert failed.trouble is not None
    assert failed.trouble.retry_at == NOON + timedelta(days=1)


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
    box = SealedSecrets(b"m" * 32).seal("one", "whsec_x")
    with pytest.raises(UnreadableSecretError):
        SealedSecrets(b"m" * 32).open("other", box)
    with pytest.raises(UnreadableSecretError):
        SealedSecrets(b"n" * 32).open("one", box)


async def test_a_subscription_begins_with_the_first_entry_of_its_own_partition() -> None:
    position = (await SubscriptionDesk().webhook(HOOK)).subscription.position
    assert (position.partition, position.offset) == (4, -1)


async def test_subscribing_again_resumes_a_paused_subscription_where_it_stood() -> None:
    desk = SubscriptionDesk()
    made = (await desk.webhook(HOOK)).subscription
    await desk.subscriptions.save(made, made.delivered(41).paused(NOON, "410"))
    again = (await desk.webhook(HOOK)).subscription
    assert again.state is SubscriptionState.ACTIVE
    assert again.position.offset == 41


async def test_kafka_gives_a_topic_of_the_organisations_own_and_no_secret() -> None:
    desk = SubscriptionDesk()
    made = await desk.kafka()
    assert made.subscription.topic == f"linkage.feed.{BUREAU}"
    assert desk.topics == [f"linkage.feed.{BUREAU}"]
    assert made.secret is None


async def test_nothing_is_stored_for_a_forbidden_endpoint() -> None:
    desk = SubscriptionDesk(forbidden={HOOK})
    with pytest.raises(ForbiddenEndpointError):
        await desk.webhook(HOOK)
    assert desk.subscriptions.by_id == {}
