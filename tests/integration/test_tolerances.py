"""Tolerances in both stores on the embedded database: any order, races, an early word."""

from datetime import timedelta
from itertools import permutations

import pytest

from approval_events.adapters.mongo_decisions import MongoDecisions
from approval_events.adapters.mongo_tolerances import MongoTolerances
from approval_events.application.answer_tolerances import AnswerTolerance, answer_tolerance
from approval_events.application.settle_tolerances import SettledTolerances
from approval_events.application.tolerance_ports import ToleranceAdmission, ToleranceQuery
from approval_events.domain.facts import FactKind
from approval_events.domain.readings import facts_of
from approval_events.domain.tolerance import ToleranceState
from linkage_contracts.codes import DecisionKind
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.tolerances import ToleranceExpired, ToleranceSupplemented
from linkage_contracts.topics import ACTIONS
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.mongo_supplements import MongoSupplements
from supervision_push.domain.supplement import Settled, supplement_of
from tests.integration.test_outbox import Log
from tests.unit.approval_builders import BUREAU, FOOD
from tests.unit.approval_fakes import FakeCatalogues, FakePublisher
from tests.unit.approval_loops import START
from tests.unit.push_builders import a_catalogue, a_schedule
from tests.unit.test_approval_tolerances import (
    BUREAU_ACTOR,
    DUE,
    SUPPLEMENT,
    lacking,
    late,
)


class Books:
    """The worker's books, as they stand in the database; what is told comes back."""

    def __init__(self, store: Database, name: str = "tolerances") -> None:
        self.tolerances = MongoTolerances(store[name], Outbox(store[name], Log()))
        self.decisions = MongoDecisions(store[f"{name}_decisions"])
        self.publisher = FakePublisher()

    async def see(self, *events: Event) -> None:
        settled = SettledTolerances(
            tolerances=self.tolerances, decisions=self.decisions, publisher=self.publisher
        )
        for event in events:
            if isinstance(event, DecisionEvent):
                await self.decisions.add([event])
            before = len(self.publisher.published)
            await settled.note(facts_of([event]))
            for _, told in self.publisher.published[before:]:
                await settled.note(facts_of([told]))

    async def state(self) -> ToleranceState:
        return (await self.tolerances.find([SUPPLEMENT]))[SUPPLEMENT].state


async def test_clock_and_versions_come_to_the_same_in_every_order(store: Database) -> None:
    formal = lacking("formal", 23, DecisionKind.AMENDED, None)
    for number, order in enumerate(permutations([lacking(), late(), formal])):
        books = Books(store, f"tolerances_{number}")
        await books.tolerances.create_indexes()
        await books.see(*order, *order)
        assert await books.state() is ToleranceState.FORMAL
        (counted,) = await books.tolerances.counts(frozenset({BUREAU}))
        assert (counted.item, counted.state, counted.count) == (FOOD, ToleranceState.FORMAL, 1)
        query = ToleranceQuery(
            authorities=None, state=ToleranceState.FORMAL, party=None, after="", limit=9
        )
        assert [one.supplement_id for one in await books.tolerances.page(query)] == [SUPPLEMENT]


async def test_a_word_that_saw_no_clock_run_out_is_looked_at_again(store: Database) -> None:
    books = Books(store)
    await books.see(lacking())
    seen = (await books.tolerances.find([SUPPLEMENT]))[SUPPLEMENT]
    await books.see(late())
    assert [type(one) for one in books.publisher.on(ACTIONS)] == [ToleranceExpired]
    command = AnswerTolerance(
        supplement_id=SUPPLEMENT,
        step=ToleranceSupplemented,
        said={"by": "王审批", "on": DUE},
        actor=BUREAU_ACTOR,
        at=START + timedelta(days=9),
    )
    acts = await answer_tolerance(command, tolerances=books.tolerances, catalogues=FakeCatalogues())
    assert acts.done == [SUPPLEMENT]
    kept = (await books.tolerances.find([SUPPLEMENT]))[SUPPLEMENT]
    (fact,) = kept.of(FactKind.TOLERANCE_SUPPLEMENTED)
    assert fact.detail["clears"] == [DUE.isoformat()]
    # What is told in between of a lateness that was seen is in nobody's way.
    other = Books(store, "others")
    await other.see(lacking())
    await other.tolerances.note(facts_of([late()]))
    seen_late = (await other.tolerances.find([SUPPLEMENT]))[SUPPLEMENT]
    await other.see(late())
    assert (
        await other.tolerances.admit([ToleranceAdmission(tolerance=seen_late, event=_word())]) == 1
    )
    stale = ToleranceAdmission(tolerance=seen, event=_word())
    assert await books.tolerances.admit([stale]) == 0


def _word() -> ToleranceSupplemented:
    word = {
        "supplement_id": SUPPLEMENT,
        "decision_id": lacking().subject,
        "authority": BUREAU,
        "by": "x",
        "on": DUE,
    }
    envelope = late().model_dump(exclude={"type", "data"})
    return ToleranceSupplemented.model_validate({**envelope, "data": word})


@pytest.mark.parametrize("early", [True, False])
async def test_the_bureaus_word_stops_the_clock_whichever_comes_first(
    store: Database, *, early: bool
) -> None:
    supplements = MongoSupplements(store)
    await supplements.create_indexes()
    one = supplement_of(lacking(), a_catalogue(), a_schedule())
    assert one is not None
    settled = [Settled(supplement_id=one.supplement_id, at=START)]
    if early:
        await supplements.settle(settled)
    await supplements.open([one])
    await supplements.stop_settled([one.supplement_id])
    if not early:
        await supplements.settle(settled)
    await supplements.settle(settled)
    page = await supplements.page(None, open_only=True, after=None, limit=9)
    assert page["supplements"] == []
    shown = await supplements.page(BUREAU, open_only=False, after=None, limit=9)
    assert [line["supplement_id"] for line in shown["supplements"]] == [one.supplement_id]
