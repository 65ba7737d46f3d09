"""Every store broken by hand: the books name what is missing, down to the id, and nothing else."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pymongo
import pytest

from linkage_contracts.ids import entry_id, stable_id
from linkage_runtime.books.audit import audit
from linkage_runtime.books.keeping import Report, open_books
from linkage_runtime.books.mongo_book import DATABASE
from linkage_runtime.clock import now
from linkage_runtime.command.seed import seed
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import Stack, StackPlan, local_stack
from linkage_runtime.stack.services import PROCESSES
from tests.story.organisations import (
    BUREAU,
    OFF_CATALOGUE,
    REGULATOR,
    TODAY,
    Organisation,
    eventually,
)

pytestmark = pytest.mark.story

Client = pymongo.MongoClient[dict[str, Any]]
Named = set[tuple[str, str, str]]
"""(stage, id, where it is missing)"""
LEDGER = "approval_events.linkages"


@pytest.fixture(scope="module")
def stack(broker: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All processes but the books': these are kept by the tests."""
    folder = StackFolder(tmp_path_factory.mktemp("books"))
    others = [process for process in PROCESSES if process.role != "books"]
    plan = StackPlan(folder=folder, kafka=broker, processes=others)
    with local_stack(plan, seed=seed, tell=print) as running:
        yield running.stack


@dataclass(frozen=True)
class Case:
    """One linkage that went round both loops, as its ids."""

    decision: str
    event: str
    push: str
    result: str
    opened: str

    @property
    def entry(self) -> str:
        return entry_id(REGULATOR, "linkage.feed.push-opened.v1", self.opened)


@pytest.fixture(scope="module")
def case(stack: Stack) -> Iterator[Case]:
    with (
        closing(Organisation(stack, BUREAU)) as bureau,
        closing(Organisation(stack, REGULATOR)) as regulator,
    ):
        yield _round_both_loops(bureau, regulator)


def _round_both_loops(bureau: Organisation, regulator: Organisation) -> Case:
    bureau.decide("账3", items=[OFF_CATALOGUE])
    decision = bureau.decide("账1").json()["decision_id"]
    told = regulator.told("push-opened", decision_id=decision)
    push, event = told["push_id"], told["decision_event_id"]
    regulator.act("pushes:receive", push_ids=[push])
    regulator.act("pushes:enrol", push_ids=[push])
    inspection = {
        "type": "inspection",
        "push_id": push,
        "found_on": TODAY,
        "summary": "首次检查",
        "outcome": "conforms",
        "treatment": "passed",
    }
    found = regulator.post("supervision-push", "/v1/results", inspection)
    result = found.json()["result_id"]
    row = {"push_id": push, "duty": "inspection", "outcome": "conforms", "result_id": result}
    regulator.act("pushes:feed-back", feedback=[row])
    bureau.told("result-forwarded", result_id=result)

    def received() -> bool | None:
        body = {"by": "window-3", "result_ids": [result]}
        return (
            bool(bureau.post("approval-events", "/v1/results:receive", body).json()["done"]) or None
        )

    eventually(received, "the receipt of the result")
    back = bureau.decide("账2").json()["decision_id"]
    other = regulator.told("push-opened", decision_id=back)["push_id"]
    regulator.act("pushes:return", push_ids=[other], reason="不属本单位职责")
    # Whoever presents the cursor of what was read has it: that is its delivery.
    entries = f"/v1/feeds/{REGULATOR}/entries"
    cursor = regulator.get("supervision-push", entries).headers["Linkage-Cursor"]
    regulator.get("supervision-push", entries, after=cursor)
    return Case(decision, event, push, result, stable_id("opened", push, ""))


def client_of(stack: Stack) -> Client:
    return pymongo.MongoClient(stack.mongo, tz_aware=True)


def keep(stack: Stack, grace: float = 0) -> Report:
    async def run() -> Report:
        async with open_books(stack.kafka, stack.mongo) as books:
            await books.keep(now())
            return await books.report(now(), timedelta(seconds=grace))

    return asyncio.run(run())


def named(report: Report) -> Named:
    assert report.total == len(report.named)
    return {(one.claim.stage, one.claim.id, str(one.claim.place)) for one in report.named}


@pytest.fixture(scope="module")
def balanced(stack: Stack, case: Case) -> Case:
    """Nothing is under way any more, and the books say so."""
    eventually(lambda: keep(stack).total == 0 or None, "balanced books")
    assert audit(stack.kafka, stack.mongo, wait=10).unaccounted == []
    return case


@dataclass(frozen=True)
class Sabotage:
    """What somebody does by hand, and what is missing then."""

    place: str
    which: Callable[[Case], dict[str, Any]]
    missing: Callable[[Case], Named]
    change: Callable[[Case], dict[str, Any]] | None = None
    """Instead of deleting the document."""
    log_alone: bool = False
    """Nothing but the log tells that it is missing: no other store knows of it."""


SABOTAGE = {
    "a push": Sabotage(
        "supervision_push.pushes",
        lambda one: {"_id": one.push},
        lambda one: {("push", one.push, "supervision_push.pushes")},
    ),
    "a ledger fact that begins a push": Sabotage(
        LEDGER,
        lambda one: {"_id": one.decision},
        lambda one: {("ledger fact", f"{one.decision}/opened/{one.push}", LEDGER)},
        change=lambda one: {"$unset": {f"facts.opened.{one.push}": ""}},
    ),
    "a ledger fact of a step": Sabotage(
        LEDGER,
        lambda one: {"_id": one.decision},
        lambda one: {("ledger fact", f"{one.decision}/received/{one.push}", LEDGER)},
        change=lambda one: {"$unset": {f"facts.received.{one.push}": ""}},
    ),
    "a ledger fact of an act of the bureau": Sabotage(
        LEDGER,
        lambda one: {"_id": one.decision},
        lambda one: {("ledger fact", f"{one.decision}/result_received/{one.result}", LEDGER)},
        change=lambda one: {"$unset": {f"facts.result_received.{one.result}": ""}},
        log_alone=True,
    ),
    "a feed entry": Sabotage(
        "supervision_push.feed_entries",
        lambda one: {"_id": one.entry},
        lambda one: {("feed entry", one.entry, "supervision_push.feed_entries")},
    ),
    "a feed entry of the bureau's": Sabotage(
        "supervision_push.feed_entries",
        lambda one: {"_id": _forwarded(one)},
        lambda one: {("feed entry", _forwarded(one), "supervision_push.feed_entries")},
    ),
    "a delivery": Sabotage(
        "supervision_push.deliveries",
        lambda one: {"push_ids": one.push},
        lambda one: {("delivery", one.push, "supervision_push.deliveries")},
        change=lambda one: {"$pull": {"push_ids": one.push}},
    ),
    "a decision": Sabotage(
        "approval_events.decisions",
        lambda one: {"_id": one.event},
        lambda one: {("decision", one.event, "approval_events.decisions")},
    ),
    "a result at the regulator's": Sabotage(
        "supervision_push.results",
        lambda one: {"_id": one.result},
        lambda one: {("result", one.result, "supervision_push.results")},
    ),
    "a result at the bureau's": Sabotage(
        "approval_events.incoming_results",
        lambda one: {"_id": one.result},
        lambda one: {("result", one.result, "approval_events.incoming_results")},
    ),
    "a credit fact": Sabotage(
        "credit.facts",
        lambda one: {"_id": stable_id("fact", one.event, "licence_granted")},
        lambda one: {
            ("credit fact", stable_id("fact", one.event, "licence_granted"), "credit.facts")
        },
    ),
}


def _forwarded(one: Case) -> str:
    told = stable_id("result-event", one.result, "inspection")
    return entry_id(BUREAU, "linkage.feed.result-forwarded.v1", told)


@pytest.mark.parametrize("name", SABOTAGE)
def test_what_is_deleted_by_hand_is_named_and_nothing_else(
    stack: Stack, balanced: Case, name: str
) -> None:
    sabotage, wanted = SABOTAGE[name], SABOTAGE[name].missing(balanced)
    with client_of(stack) as client:
        undo = _break(client, sabotage, balanced)
        try:
            whole = audit(stack.kafka, stack.mongo, wait=0).unaccounted
            assert {(one.stage, one.id, str(one.missing_in)) for one in whole} == wanted
            assert named(keep(stack)) == (set() if sabotage.log_alone else wanted)
            # Books that never saw it whole.
            client.drop_database(DATABASE)
            assert named(keep(stack)) == wanted
        finally:
            undo()
    assert named(keep(stack)) == set()


def _break(client: Client, sabotage: Sabotage, case: Case) -> Callable[[], object]:
    database, _, name = sabotage.place.partition(".")
    collection, which = client[database][name], sabotage.which(case)
    before = list(collection.find(which))
    assert before, sabotage.place
    if sabotage.change is None:
        collection.delete_many(which)
        return lambda: collection.insert_many(before)
    collection.update_one(which, sabotage.change(case))
    return lambda: collection.replace_one({"_id": before[0]["_id"]}, before[0])


def test_a_push_that_nobody_opened_is_named_until_it_is_gone(stack: Stack, balanced: Case) -> None:
    wrong = stable_id("wrong")
    with client_of(stack) as client:
        pushes = client["supervision_push"]["pushes"]
        whole = pushes.find_one({"_id": balanced.push})
        assert whole
        pushes.insert_one({**whole, "_id": wrong, "feedback": []})
        for step in ("receipt", "enrolment"):
            pushes.update_one({"_id": wrong}, {"$unset": {step: ""}})
        try:
            (extra,) = audit(stack.kafka, stack.mongo, wait=0).unaccounted
            assert (extra.stage, extra.id) == ("push", wrong)
            report = keep(stack)
            assert named(report) == {("ledger fact", f"{balanced.decision}/opened/{wrong}", LEDGER)}
            assert report.named[0].origin == ("supervision_push.pushes", wrong)
        finally:
            pushes.delete_one({"_id": wrong})
    assert named(keep(stack)) == set()


def test_what_is_younger_than_the_grace_is_under_way_and_not_missing(
    stack: Stack, balanced: Case
) -> None:
    sabotage = SABOTAGE["a push"]
    with client_of(stack) as client:
        undo = _break(client, sabotage, balanced)
        try:
            young = keep(stack, grace=3600)
            assert (young.total, young.under_way) == (0, 1)
            assert keep(stack).total == 1
        finally:
            undo()
    assert keep(stack).total == 0


def test_the_sheet_counts_each_thing_once_however_often_the_books_are_kept(
    stack: Stack, balanced: Case
) -> None:
    async def sheet() -> dict[str, int]:
        async with open_books(stack.kafka, stack.mongo) as books:
            await books.keep(now())
            hours = await books.book.hours(None, None, BUREAU)
            return {name: sum(sums[name] for sums in hours.values()) for name in _COUNTED}

    with client_of(stack) as client:
        before = asyncio.run(sheet())
        client.drop_database(DATABASE)
    assert before == asyncio.run(sheet()) == asyncio.run(sheet()) == _COUNTED


_COUNTED = {
    "read": 3,
    "routed": 3,
    "unrouted": 1,
    "pushed": 2,
    "delivered": 2,
    "received": 1,
    "returned": 1,
    "enrolled": 1,
    "fed_back": 1,
    "closed": 1,
    "results": 1,
    "forwarded": 1,
    "results_received": 1,
    "dead": 0,
}
