"""What `linkage doctor` says of webhook secrets."""

from datetime import UTC, datetime, timedelta
from typing import Any

from linkage_runtime.doctor.finding import State
from linkage_runtime.doctor.webhook_secrets import judge_secrets
from linkage_runtime.master_keys import MasterKeys
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets

TODAY = datetime(2026, 11, 28, tzinfo=UTC)
OLD_KEY, NEW_KEY = MasterKeys(bytes(32)), MasterKeys(bytes(range(32)), (bytes(32),))


def webhook(name: str, sealed: MasterKeys, days: int = 1, **more: Any) -> dict[str, Any]:
    box = SealedSecrets(sealed).seal(name, "whsec_x")
    made = TODAY - timedelta(days=days)
    who = {"_id": name, "organisation": f"of {name}", "created_at": made}
    return who | {"sealed_secret": box, "old_secret": None, "old_secret_until": None} | more


def secrets(*held: dict[str, Any], master: MasterKeys = NEW_KEY) -> list[tuple[State, str]]:
    return [(one.state, one.en) for one in judge_secrets(held, master, TODAY)]


def test_webhook_secrets_that_are_well_are_one_line_with_those_being_rotated() -> None:
    soon = webhook("b", NEW_KEY, 900, old_secret_until=TODAY + timedelta(hours=1))
    said = secrets(webhook("a", NEW_KEY, 399), soon)
    assert said == [(State.OK, "webhook secrets: 2; being rotated: 1")]


def test_a_webhook_secret_that_a_change_of_the_master_key_left_behind_is_named() -> None:
    half = webhook("b", NEW_KEY, old_secret=SealedSecrets(OLD_KEY).seal("b", "whsec_old"))
    said = secrets(webhook("a", OLD_KEY), half, webhook("c", NEW_KEY))
    who = "of a (a), of b (b)"
    assert said == [(State.WARNING, f"sealed under a master key that stands beside: {who}")]
    alone = secrets(
        webhook("a", OLD_KEY), half, webhook("c", NEW_KEY), master=MasterKeys(b"x" * 32)
    )
    assert alone == [(State.WRONG, f"the master key does not open: {who}, of c (c)")]


def test_a_webhook_secret_that_nobody_rotated_for_long_is_warned_of() -> None:
    rotated = webhook("b", NEW_KEY, 900, old_secret_until=TODAY - timedelta(days=399))
    said = secrets(webhook("a", NEW_KEY, 401), rotated)
    assert said == [(State.WARNING, "older than 400 days: of a (a)")]
