"""API keys: stored as hashes, checked whole, withdrawn for good."""

from datetime import timedelta

import pytest

from linkage_runtime import access
from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.clock import now
from linkage_runtime.mongo import Database


async def issue(keys: ApiKeys) -> str:
    return await keys.issue(
        organisation="11450721XN0721012K",
        name="灵山县行政审批局",
        scopes=[Scope.EMIT_DECISIONS],
        authorities=["11450721XN0721012K"],
    )


async def test_a_key_names_its_organisation_scopes_and_authorities(store: Database) -> None:
    keys = ApiKeys(store["api_keys"])
    caller = await keys.caller(await issue(keys))
    assert caller
    assert caller.organisation == "11450721XN0721012K"
    assert caller.may(Scope.EMIT_DECISIONS)
    assert not caller.may(Scope.READ_FEED)


async def test_the_store_holds_no_key_in_clear(store: Database) -> None:
    keys = ApiKeys(store["api_keys"])
    key = await issue(keys)
    (stored,) = await store["api_keys"].find({}).to_list(None)
    assert key.split("_", 2)[2] not in str(stored)


@pytest.mark.parametrize("change", ["", "x", "lk_", "lk__", "nonsense"])
async def test_a_key_that_is_not_whole_is_nobodys(store: Database, change: str) -> None:
    keys = ApiKeys(store["api_keys"])
    key = await issue(keys)
    presented = change if change != "x" else key[:-1] + ("A" if key[-1] != "A" else "B")
    assert await keys.caller(presented) is None


async def test_a_withdrawn_key_stops_working(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "CACHE_SECONDS", 0.0)
    keys = ApiKeys(store["api_keys"])
    key = await issue(keys)
    assert await keys.caller(key)
    assert await keys.withdraw(key.split("_")[1])
    assert await keys.caller(key) is None


async def test_a_key_that_was_issued_for_a_time_stops_working_and_is_named_before(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "CACHE_SECONDS", 0.0)
    keys, later = ApiKeys(store["api_keys"]), now() + timedelta(days=30)
    await issue(keys)
    assert await keys.first_expiry() is None
    key = await keys.issue(organisation="x", name="", scopes=[], expires_at=later)
    assert await keys.first_expiry() == later
    assert await keys.caller(key)
    monkeypatch.setattr(access, "now", lambda: later)
    assert await keys.caller(key) is None
    assert len(await keys.callers()) == 2
    await keys.withdraw(key.split("_")[1])
    assert await keys.first_expiry() is None
