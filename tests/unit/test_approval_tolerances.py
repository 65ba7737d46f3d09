"""Tolerances: owed, expired by a clock, supplemented, formal by a later version, terminated."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval_events.application.acts import Actor, Acts
from approval_events.application.answer_tolerances import AnswerTolerance, answer_tolerance
from approval_events.application.settle_tolerances import SettledTolerances
from approval_events.domain.readings import facts_of
from approval_events.domain.tolerance import ToleranceState
from credit.domain.bars import Use
from credit.domain.derivation import facts_of as credit_facts
from credit.domain.facts import FactKind as CreditKind
from credit.domain.standing import standing
from linkage_contracts.codes import Clock, DeadlineCause, DecisionKind
from linkage_contracts.credit_acts import OverdueSupplement, SupplementOverdue
from linkage_contracts.deadlines import (
    Deadline,
    DeadlineChange,
    DeadlineChanged,
    DeadlineOverdue,
)
from linkage_contracts.decisions import Act, DecisionEvent, Item
from linkage_contracts.decisions import Tolerance as Gap
from linkage_contracts.envelope import Event
from linkage_contracts.ids import overdue_id, supplement_id
from linkage_contracts.tolerances import (
    ToleranceExpired,
    ToleranceSupplemented,
    ToleranceTerminated,
)
from linkage_contracts.topics import ACTIONS
from tests.unit.approval_builders import BUREAU, FOOD, OTHER_BUREAU, PARTY_CODE, REGISTRATION
from tests.unit.approval_desk import Desk
from tests.unit.approval_fakes import FakeCatalogues, FakeDecisions, FakePublisher
from tests.unit.approval_loops import DECISION, START, decided, envelope
from tests.unit.credit_builders import MEASURES
from tests.unit.tolerances_desk import FakeTolerances

State = ToleranceState
DUE = date(2026, 11, 24)
GAP = Gap(missing=("平面图",), supplement_by=DUE)
SUPPLEMENT = supplement_id(DECISION, DUE, ("平面图",))
BUREAU_ACTOR = Actor(organisation=BUREAU, authorities=frozenset({BUREAU}))


def lacking(
    name: str = "lacking",
    day: int = 20,
    kind: DecisionKind = DecisionKind.GRANTED,
    gap: Gap | None = GAP,
    item: str = FOOD,
) -> DecisionEvent:
    """A version of the decision, with what it lacks."""
    event = decided(name, kind=kind)
    update: dict[str, Any] = {"tolerance": gap, "items": (Item(code=item),)}
    if event.data.act:
        update["act"] = Act(document_number=f"{name}号", on=date(2026, 11, day), ground="x")
    return event.model_copy(update={"data": event.data.model_copy(update=update)})


def late(day: date = DUE) -> Event:
    """The clock ran out."""
    return DeadlineOverdue(
        **envelope(f"late {day}", 9_000),
        data=Deadline(
            decision_id=DECISION,
            supplement_id=SUPPLEMENT,
            organisation=BUREAU,
            clock=Clock.TOLERANCE_SUPPLEMENT,
            due_on=day,
        ),
    )


def extended(to: date) -> Event:
    """Oversight gave it more time."""
    return DeadlineChanged(
        **envelope(f"extended {to}", 9_001),
        data=DeadlineChange(
            decision_id=DECISION,
            supplement_id=SUPPLEMENT,
            organisation=BUREAU,
            clock=Clock.TOLERANCE_SUPPLEMENT,
            cause=DeadlineCause.EXTENDED,
            was_due_on=DUE,
            due_on=to,
            actor=BUREAU,
        ),
    )


@dataclass
class Books:
    """The worker's books and the bureau's desk; what is told comes back from the log."""

    tolerances: FakeTolerances = field(default_factory=FakeTolerances)
    decisions: FakeDecisions = field(default_factory=FakeDecisions)
    publisher: FakePublisher = field(default_factory=FakePublisher)

    async def see(self, *events: Event) -> None:
        settled = SettledTolerances(
            tolerances=self.tolerances, decisions=self.decisions, publisher=self.publisher
        )
        for event in events:
            if isinstance(event, DecisionEvent):
                await self.decisions.add([event])
            before = len(self.told)
            await settled.note(facts_of([event]))
            for told in self.told[before:]:
                await settled.note(facts_of([told]))

    @property
    def told(self) -> list[Event]:
        return self.publisher.on(ACTIONS)

    @property
    def log(self) -> list[Event]:
        """All that stands on the actions topic, each id once."""
        return list({one.id: one for one in [*self.told, *self.tolerances.published]}.values())

    @property
    def state(self) -> ToleranceState:
        return self.tolerances.kept[SUPPLEMENT].state

    async def answer(
        self, step: Any, on: date, actor: Actor = BUREAU_ACTOR, today: int = 30, **more: Any
    ) -> Acts:
        said: dict[str, Any] = {"by": "王审批", "on": on}
        if step is ToleranceTerminated:
            said |= {"document_number": "终1号", "ground": "告知书"}
        command = AnswerTolerance(
            supplement_id=SUPPLEMENT,
            step=step,
            said=said | more,
            actor=actor,
            at=START + timedelta(days=today),
        )
        return await answer_tolerance(
            command, tolerances=self.tolerances, catalogues=FakeCatalogues()
        )


def overdue_in(events: Iterable[Event], on: date = date(2026, 12, 31)) -> list[date]:
    """The overdue supplements that count against the party, as credit reads the log."""
    facts = [fact for event in events for fact in credit_facts(event)]
    return [
        fact.occurred_on
        for fact in standing(facts, on)
        if fact.kind is CreditKind.SUPPLEMENT_OVERDUE
    ]


async def test_an_overdue_supplement_is_told_once_and_counts_against_the_party() -> None:
    books = Books()
    await books.see(lacking(), late(), late(), late())
    assert books.state is State.EXPIRED
    assert [type(event) for event in books.log] == [ToleranceExpired]
    assert overdue_in(books.log) == [DUE]
    facts = [fact for event in books.log for fact in credit_facts(event)]
    bars = MEASURES.bars.among(standing(facts, DUE))
    assert [bar.holds_for(use, None) for bar in bars for use in Use] == [False, True]


async def test_what_the_bureau_reports_by_hand_is_the_same_fact() -> None:
    books = Books()
    await books.see(lacking(), late())
    by_hand = SupplementOverdue(
        **envelope("by hand", 9_002) | {"id": overdue_id(PARTY_CODE, DECISION, DUE)},
        data=OverdueSupplement(
            party=PARTY_CODE,
            by="the credit office",
            authority=BUREAU,
            on=DUE,
            ground="x",
            decision_id=DECISION,
            due_on=DUE,
            missing=("平面图",),
        ),
    )
    assert overdue_in([*books.log, by_hand]) == [DUE]
    # To the last field: what is stored must not depend on who tells it first.
    assert [credit_facts(event) for event in books.log] == [credit_facts(by_hand)]


@pytest.mark.parametrize("on", [DUE, DUE - timedelta(days=3)])
async def test_a_supplement_recorded_late_that_had_been_in_time_takes_the_fact_back(
    on: date,
) -> None:
    books = Books()
    await books.see(lacking(), late())
    assert not (await books.answer(ToleranceSupplemented, on)).refused
    assert books.state is State.SUPPLEMENTED
    for order in permutations(books.log):
        assert overdue_in(order) == []


async def test_a_supplement_that_was_late_leaves_the_fact() -> None:
    books = Books()
    await books.see(lacking(), late())
    await books.answer(ToleranceSupplemented, DUE + timedelta(days=1))
    assert overdue_in(books.log) == [DUE]


async def test_within_an_extension_it_was_in_time() -> None:
    books = Books()
    await books.see(lacking(), late(), extended(DUE + timedelta(days=5)))
    await books.answer(ToleranceSupplemented, DUE + timedelta(days=4))
    assert overdue_in(books.log) == []


VERSIONS = {
    "formal in time": (lacking("formal", 23, DecisionKind.AMENDED, None), State.FORMAL, []),
    "formal late": (lacking("formal", 26, DecisionKind.AMENDED, None), State.FORMAL, [DUE]),
    "ended": (lacking("ended", 23, DecisionKind.ANNULLED), State.TERMINATED, [DUE]),
}


@pytest.mark.parametrize("case", VERSIONS)
async def test_a_later_version_settles_it_in_whatever_order_clock_and_versions_come(
    case: str,
) -> None:
    version, state, counted = VERSIONS[case]
    for order in permutations([lacking(), late(), version]):
        books = Books()
        await books.see(*order, *order)
        assert books.state is state
        assert overdue_in(books.log) == counted, order


async def test_a_version_that_still_lacks_the_same_settles_nothing() -> None:
    books = Books()
    await books.see(lacking(), lacking("again", 23, DecisionKind.AMENDED))
    assert (books.state, books.log) == (State.OWED, [])


@settings(deadline=None, max_examples=60)
@given(st.data())
async def test_told_in_any_order_it_is_told_the_same(data: st.DataObject) -> None:
    events = [
        *(lacking(), late(), extended(DUE + timedelta(days=5))),
        *(late(DUE + timedelta(days=5)), lacking("formal", 28, DecisionKind.AMENDED, None)),
    ]
    books = Books()
    await books.see(*data.draw(st.permutations(events)), *data.draw(st.permutations(events)))
    assert books.state is State.FORMAL
    assert overdue_in(books.log) == []


async def test_only_what_has_expired_is_terminated_by_hand_and_a_licence_by_its_act() -> None:
    books = Books()
    await books.see(lacking())
    (refusal,) = (await books.answer(ToleranceTerminated, DUE)).refused
    assert (refusal.status, "逾期后方可终止" in str(refusal)) == (409, True)
    await books.see(late())
    assert not (await books.answer(ToleranceTerminated, DUE)).refused
    assert not (await books.answer(ToleranceTerminated, DUE)).refused
    assert books.state is State.TERMINATED
    assert len(books.tolerances.published) == 1
    (refusal,) = (await books.answer(ToleranceSupplemented, DUE)).refused
    assert refusal.status == 409
    temporary = Books()
    await temporary.see(lacking(item=REGISTRATION), late())
    (refusal,) = (await temporary.answer(ToleranceTerminated, DUE)).refused
    assert (refusal.status, "临时许可证" in str(refusal)) == (409, True)


async def test_its_bureau_answers_and_no_day_lies_ahead() -> None:
    books = Books()
    await books.see(lacking())
    stranger = Actor(organisation=OTHER_BUREAU, authorities=frozenset())
    (refusal,) = (await books.answer(ToleranceSupplemented, DUE, stranger)).refused
    assert refusal.status == 403
    (refusal,) = (await books.answer(ToleranceSupplemented, DUE, today=1)).refused
    assert (refusal.status, "on" in str(refusal)) == (422, True)


def test_what_came_before_the_decision_or_was_refused_lacks_nothing() -> None:
    supplemented = GAP.model_copy(update={"supplemented_on": date(2026, 11, 19)})
    assert lacking(gap=supplemented).supplement_id is None
    assert lacking("refused", kind=DecisionKind.REFUSED).supplement_id is None
    assert lacking("annulled", kind=DecisionKind.ANNULLED).supplement_id is None
    assert lacking().supplement_id == SUPPLEMENT


async def at_the_desk(*events: Event) -> Desk:
    desk = Desk()
    settled = SettledTolerances(
        tolerances=desk.tolerances, decisions=desk.door.books, publisher=desk.door.publisher
    )
    for event in events:
        await settled.note(facts_of([event]))
    return desk


async def test_a_tolerance_is_read_and_answered_over_http_and_counted() -> None:
    desk = await at_the_desk(lacking(), late())
    shown = (await desk.call("GET", f"/v1/tolerances/{SUPPLEMENT}")).json()
    assert (shown["state"], shown["state_name"], shown["due_on"]) == (
        *("expired", "逾期未补正", "2026-11-24"),
    )
    assert shown["missing"] == ["平面图"]
    assert shown["items"] == [{"code": FOOD, "regime": "none"}]
    path = f"/v1/tolerances/{SUPPLEMENT}:supplement"
    answer = await desk.call("POST", path, json={"by": "王审批", "on": "2026-11-23"})
    assert (answer.status_code, answer.json()["state"]) == (200, "supplemented")
    assert answer.json()["steps"][-1]["what"] == "tolerance_supplemented"
    report = (await desk.call("GET", "/v1/reports/tolerances")).json()
    assert [(one["item"], one["tolerances"], one["supplemented"]) for one in report["counts"]] == [
        (FOOD, 1, 1)
    ]
    page = (await desk.call("GET", "/v1/tolerances?state=supplemented")).json()
    assert [one["supplement_id"] for one in page["tolerances"]] == [SUPPLEMENT]
    assert (await desk.call("GET", "/v1/tolerances?state=owed")).json()["tolerances"] == []


async def test_only_its_bureau_and_oversight_see_a_tolerance_and_only_the_bureau_answers() -> None:
    desk = await at_the_desk(lacking(), late())
    path = f"/v1/tolerances/{SUPPLEMENT}"
    for key, status in (("bureau", 200), ("oversight", 200), ("other", 403)):
        assert (await desk.call("GET", path, key=key)).status_code == status
    word = {"by": "x", "on": "2026-11-23"}
    assert (
        await desk.call("POST", f"{path}:supplement", key="other", json=word)
    ).status_code == 403
    lacks_ground = await desk.call("POST", f"{path}:terminate", json=word)
    assert (lacks_ground.status_code, "ground" in lacks_ground.text) == (422, True)
    missing = await desk.call("GET", f"/v1/tolerances/{DECISION}")
    assert missing.status_code == 404
