"""Each check of `linkage doctor` by itself: what it is given, what it says."""

import socket
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import pytest

from linkage_contracts.topics import DECISIONS, RATINGS
from linkage_runtime.access import Caller, Scope
from linkage_runtime.doctor.books import judge_books
from linkage_runtime.doctor.calendar import judge_horizon
from linkage_runtime.doctor.certificates import judge_certificate
from linkage_runtime.doctor.clocks import LIMIT, Reading, judge_clock
from linkage_runtime.doctor.database import judge_server
from linkage_runtime.doctor.examine import Deployment, examine
from linkage_runtime.doctor.finding import Finding, State
from linkage_runtime.doctor.indexes import judge_indexes, planned_indexes
from linkage_runtime.doctor.keys import judge_expiry, judge_keys
from linkage_runtime.doctor.personal_keys import judge_fit
from linkage_runtime.doctor.processes import examine_process
from linkage_runtime.doctor.topics import StandingTopic, Wanted, judge_topics
from linkage_runtime.kafka_security import PLAINTEXT
from linkage_runtime.stack.provision import planned_topics

PLANNED = planned_topics()
THREE = Wanted(partitions=8, replication=3)
HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def standing(name: str, **other: Any) -> StandingTopic:
    settings = next(dict(one.settings) for one in PLANNED if one.name == name)
    settings |= {"min.insync.replicas": "2", **other.pop("settings", {})}
    made: dict[str, Any] = {"partitions": 8, "replicas": 3, "in_sync": 3, "leaderless": 0}
    return StandingTopic(**{**made, "settings": settings, **other})


def topics(changed: Mapping[str, StandingTopic | None] | None = None) -> list[Finding]:
    all_ = {one.name: standing(one.name) for one in PLANNED} | dict(changed or {})
    return judge_topics(PLANNED, {name: one for name, one in all_.items() if one}, THREE)


def test_topics_as_registered_are_one_good_line() -> None:
    assert [one.state for one in topics()] == [State.OK]


@pytest.mark.parametrize(
    ("changed", "state", "said"),
    [
        (None, State.WRONG, "not there"),
        ({"partitions": 12}, State.WRONG, "partitions: 12, not 8"),
        ({"leaderless": 2}, State.WRONG, "without a leader: 2"),
        ({"replicas": 2, "in_sync": 2}, State.WRONG, "copies: 2, not 3"),
        ({"in_sync": 2}, State.WARNING, "in sync: 2 of 3"),
        ({"settings": {"min.insync.replicas": "1"}}, State.WRONG, "min.insync.replicas=1"),
        ({"settings": {"min.insync.replicas": "3"}}, State.WARNING, "min.insync.replicas=3"),
        ({"settings": {"retention.ms": "604800000"}}, State.WRONG, "retention.ms=604800000"),
        ({"settings": {"retention.bytes": "1073741824"}}, State.WRONG, "retention.bytes=1073"),
        ({"settings": {"cleanup.policy": "compact"}}, State.WRONG, "cleanup.policy=compact"),
        ({"settings": {"max.message.bytes": "1000"}}, State.WRONG, "max.message.bytes=1000"),
        ({"settings": {"unclean.leader.election.enable": "true"}}, State.WRONG, "unclean"),
    ],
)
def test_a_topic_that_stands_otherwise_is_named_with_what_is_wrong(
    changed: dict[str, Any] | None, state: State, said: str
) -> None:
    name = DECISIONS.name
    # Several things may be wrong with two copies; only one with the others.
    found = topics({name: standing(name, **changed) if changed else None})
    assert found[0].state is state
    assert f"{name}: " in found[0].en
    assert f"{name}: " in found[0].zh
    assert said in found[0].en
    assert found[0].remedy_zh
    assert found[0].remedy_en


def test_a_compacted_topic_may_have_a_limit_of_size_and_must_stay_compacted() -> None:
    limited = standing(RATINGS.name, settings={"retention.bytes": "1000"})
    assert [one.state for one in topics({RATINGS.name: limited})] == [State.OK]
    deleted = standing(RATINGS.name, settings={"cleanup.policy": "delete"})
    assert [one.state for one in topics({RATINGS.name: deleted})] == [State.WRONG]


def test_one_fault_of_many_topics_is_said_once() -> None:
    missing = topics({one.name: None for one in PLANNED})
    assert len(missing) == 1
    assert all(one.name in missing[0].en for one in PLANNED)


def test_missing_and_changed_indexes_are_named() -> None:
    planned = planned_indexes()
    assert [one.state for one in judge_indexes(planned, planned)] == [State.OK]
    facts = {"party": planned["credit.facts"]["party"], "decides_for": {"key": [["x", 1]]}}
    others = {**planned, "credit.facts": facts}
    del others["credit.acts"]
    gone, changed = judge_indexes(planned, others)
    assert "credit.acts (party_at)" in gone.en
    assert "credit.facts (decides_for)" in changed.en
    assert {gone.state, changed.state} == {State.WRONG}


def test_an_index_that_nobody_planned_does_no_harm() -> None:
    planned = planned_indexes()
    more = {**planned, "credit.facts": {**planned["credit.facts"], "own": {"key": [["a", 1]]}}}
    assert [one.state for one in judge_indexes(planned, more)] == [State.OK]


def reading(told: datetime, *, coarse: timedelta = timedelta(0)) -> Reading:
    return Reading(before=NOON, told=told, after=NOON + timedelta(seconds=1), coarse=coarse)


@pytest.mark.parametrize(
    ("told", "state", "said"),
    [
        (NOON - LIMIT, State.OK, "agrees"),
        (NOON + timedelta(seconds=1) + LIMIT, State.OK, "agrees"),
        (NOON - timedelta(seconds=61), State.WRONG, "61 s behind ours"),
        (NOON + timedelta(seconds=62), State.WRONG, "61 s ahead of ours"),
    ],
)
def test_a_clock_is_wrong_beyond_the_limit_and_it_is_said_which_way(
    told: datetime, state: State, said: str
) -> None:
    found = judge_clock("db", reading(told))
    assert (found.state, said in found.en) == (state, True)


def test_what_a_date_header_cuts_off_is_not_held_against_a_clock() -> None:
    told = NOON - LIMIT - timedelta(seconds=1)
    assert judge_clock("api", reading(told, coarse=timedelta(seconds=1))).state is State.OK
    assert judge_clock("api", reading(told)).state is State.WRONG


@pytest.mark.parametrize(
    ("days", "state"), [(60, State.OK), (59, State.WARNING), (0, State.WARNING), (-1, State.WRONG)]
)
def test_a_calendar_that_ends_soon_is_warned_of(days: int, state: State) -> None:
    assert judge_horizon(timedelta(days=days), "timekeeper").state is state


def caller(key_id: str, *scopes: Scope) -> Caller:
    return Caller(
        key_id=key_id,
        organisation=key_id,
        name=f"name of {key_id}",
        scopes=frozenset(scopes),
        authorities=frozenset(),
    )


def test_keys_are_missing_or_too_mighty() -> None:
    admins = [caller("a1", Scope.ADMINISTER), caller("a2", Scope.ADMINISTER, Scope.OVERSEE)]
    emitter = caller("e1", Scope.EMIT_DECISIONS)
    assert judge_keys([]).state is State.WRONG
    assert judge_keys([emitter, admins[0]]).state is State.OK
    left = judge_keys([emitter, *admins])
    assert left.state is State.WARNING
    assert "a1 (name of a1), a2 (name of a2)" in left.en
    assert "e1" not in left.en


def test_keys_that_expire_within_a_month_or_did_are_named() -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    days = {"gone": -1, "soon": 29, "later": 31}
    callers = [replace(caller(one), expires_at=at + timedelta(days=days[one])) for one in days]
    [found] = judge_expiry([caller("ever"), *callers], at)
    assert found.state is State.WARNING
    assert found.en.startswith("keys expire: gone (name of gone) 2026-11-27, soon ")
    assert "later" not in found.en
    assert list(judge_expiry([caller("ever"), callers[2]], at)) == []


@pytest.mark.parametrize(
    ("days", "state"), [(31, State.OK), (29, State.WARNING), (-1, State.WRONG)]
)
def test_a_certificate_that_ends_within_a_month_is_warned_of(days: int, state: State) -> None:
    at = datetime(2026, 11, 28, tzinfo=UTC)
    until = (at + timedelta(days=days)).timestamp()
    assert judge_certificate("credit.api kafka_ca", until, at).state is state


def test_a_certificate_file_that_cannot_be_read_is_wrong() -> None:
    found = judge_certificate("credit.api kafka_ca", 0, datetime(2026, 11, 28, tzinfo=UTC))
    assert (found.state, found.en) == (
        State.WRONG,
        "credit.api kafka_ca: the file cannot be read",
    )


def test_a_master_key_that_opens_nothing_is_wrong() -> None:
    states = [judge_fit(fits).state for fits in (True, None, False)]
    assert states == [State.OK, State.OK, State.WRONG]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"isWritablePrimary": True, "setName": "linkage", "hosts": ["a", "b", "c"]}, State.OK),
        ({"isWritablePrimary": True}, State.WRONG),
        ({"isWritablePrimary": False, "setName": "linkage", "hosts": ["a"]}, State.WRONG),
    ],
)
def test_a_database_must_take_writes_as_a_replica_set(told: dict[str, Any], state: State) -> None:
    assert judge_server(told).state is state


def process(
    ready: int = 200,
    alive: int = 200,
    checks: str = "{}",
    date: datetime | str | None = None,
    metrics: str = "linkage_calendar_horizon_seconds 432000.0\n",
) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/readyz":
            return httpx.Response(ready, text=checks)
        if request.url.path == "/metrics":
            return httpx.Response(200, text=metrics)
        headers = (
            {"date": f"{date:{HTTP_DATE}}" if isinstance(date, datetime) else date} if date else {}
        )
        return httpx.Response(alive, headers=headers)

    return httpx.MockTransport(answer)


async def asked(transport: httpx.AsyncBaseTransport) -> list[Finding]:
    async with httpx.AsyncClient(transport=transport) as client:
        return await examine_process(client, "timekeeper", "http://10.0.0.1:9464")


async def test_a_process_tells_that_it_is_ready_its_clock_and_its_calendar() -> None:
    found = await asked(process(date=datetime.now(UTC)))
    assert [(one.check, one.state) for one in found] == [
        ("processes", State.OK),
        ("calendar", State.WARNING),
        ("clocks", State.OK),
    ]
    assert "days known ahead: 5" in found[1].en


@pytest.mark.parametrize(
    ("unaccounted", "minutes", "state"),
    [(0, 15, State.OK), (0, 16, State.WARNING), (2, 1, State.WRONG), (2, 16, State.WRONG)],
)
def test_books_that_do_not_balance_or_are_not_kept_are_told(
    unaccounted: float, minutes: int, state: State
) -> None:
    assert judge_books(unaccounted, timedelta(minutes=minutes)).state is state


async def test_the_keeper_of_the_books_tells_all_stages_together() -> None:
    books = (
        "# TYPE linkage_unaccounted gauge\n"
        'linkage_unaccounted{stage="routed"} 1.0\n'
        'linkage_unaccounted{stage="rated"} 2.0\n'
        "linkage_books_lag_seconds 3.0\n"
    )
    found = await asked(process(metrics=books))
    assert [one.en for one in found if one.check == "books"] == ["the books do not balance: 3"]


@pytest.mark.parametrize(
    ("transport", "said"),
    [
        (process(ready=503, checks='{"mongo": true, "assigned": false}'), "not ready: assigned"),
        (process(ready=503, checks="[]"), "not ready: 503"),
        (process(ready=502, checks="<html>"), "not ready: 502"),
        (process(alive=500), "/healthz 500"),
        (process(metrics="<html>nothing here"), "speaks of something else"),
        (process(date="yesterday"), "speaks of something else"),
        (process(date=datetime.now(UTC) - timedelta(minutes=5)), "behind ours"),
    ],
)
async def test_a_process_that_is_not_well_is_named_with_what_it_says(
    transport: httpx.MockTransport, said: str
) -> None:
    wrong = [one.en for one in await asked(transport) if one.state is State.WRONG]
    assert len(wrong) == 1
    assert "timekeeper" in wrong[0]
    assert said in wrong[0]


def nowhere(**other: Any) -> Deployment:
    given: dict[str, Any] = {
        "kafka": "127.0.0.1:1",
        "security": PLAINTEXT,
        "wanted": Wanted(partitions=8, replication=1),
        "mongo": "mongodb://linkage:hidden@127.0.0.1:1/?serverSelectionTimeoutMS=300",
        "master": None,
        "probes": {"credit.api": "http://127.0.0.1:1"},
        "calendar": Path("deploy/calendar"),
    }
    return Deployment(**{**given, **other})


async def test_what_is_away_is_said_of_each_and_no_password_with_it() -> None:
    found = await examine(nowhere(), within=8)
    wrong = {one.check: one for one in found if one.state is State.WRONG}
    assert {"kafka", "mongo", "processes"} <= set(wrong)
    assert not any("hidden" in str(one) for one in found)


async def test_a_part_that_never_answers_costs_its_patience_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = monotonic()
        found = await examine(nowhere(kafka=f"127.0.0.1:{silent.getsockname()[1]}"), within=1)
        assert monotonic() - begun < 5
    assert any(one.check == "kafka" and "not done within 1 s" in one.en for one in found)


async def test_a_mistyped_uri_is_said_without_its_password() -> None:
    found = await examine(nowhere(mongo="mongodb://u:hid@den@127.0.0.1:1/"), within=5)
    said = next(one for one in found if one.check == "mongo")
    assert said.state is State.WRONG
    assert "cannot be read" in said.en
    assert "hid" not in str(said)
