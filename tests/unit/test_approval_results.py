"""The bureau's acts on results: admitted first, each once, refused by id with a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from approval_events.application.acts import Actor, Acts
from approval_events.application.receive_results import ReceiveResults, receive_results
from approval_events.application.record_actions import record_actions
from approval_events.application.record_results import record_results
from approval_events.application.report_actions import ReportActions, ReportLine, report_actions
from approval_events.application.result_ports import Admission, FoundResult
from approval_events.application.return_results import ReturnResults, return_results
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.readings import facts_of
from approval_events.domain.result_acts import IncomingResult
from linkage_contracts.actions import ActionReported, ResultReceived
from linkage_contracts.breaches import BreachHeard, BreachNotified
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.envelope import Event
from linkage_contracts.ids import stable_id
from tests.unit.approval_builders import (
    BUREAU,
    OTHER_BUREAU,
    PARTY_CODE,
    SUPERVISOR,
)
from tests.unit.approval_fakes import (
    FakeLedger,
    FakeMeasurements,
)
from tests.unit.approval_loops import (
    DECISION,
    RESULT,
    at,
    found,
    reported,
    result_received,
)
from tests.unit.breach_desk import FakeBreaches, stepped, suspected
from tests.unit.findings_desk import FakeFindings
from tests.unit.traced import SAMPLED

ACTOR = Actor(organisation=BUREAU, authorities=frozenset({BUREAU}))
INCOMING = IncomingResult(
    result_id=RESULT,
    result_type="linkage.result.clue-raised.v1",
    decision_id=DECISION,
    authority=BUREAU,
    supervisor=SUPERVISOR,
    party=PARTY_CODE,
    recorded_at=at(20),
)
OTHER = stable_id("result", "other")


@dataclass
class FakeIncomingResults:
    """Results in memory; ``rival`` does something between a look and a write."""

    kept: dict[str, IncomingResult] = field(default_factory=lambda: {RESULT: INCOMING})
    held: dict[str, list[Event]] = field(default_factory=dict)
    published: list[Event] = field(default_factory=list)
    rival: IncomingResult | None = None
    noted: list[Fact] = field(default_factory=list)

    async def find(self, result_ids: Sequence[str]) -> Mapping[str, IncomingResult]:
        return {id_: self.kept[id_] for id_ in result_ids if id_ in self.kept}

    async def admit(self, admissions: Sequence[Admission]) -> int:
        if self.rival:
            self.kept[self.rival.result_id] = self.rival
        return sum(self._write(admission) for admission in admissions)

    async def publish(self, result_ids: Sequence[str]) -> None:
        for id_ in result_ids:
            self.published += self.held.pop(id_, [])

    async def add(self, found: Sequence[FoundResult]) -> None:
        for one in found:
            known = replace(INCOMING, result_id=one.result.result_id)
            self.kept.setdefault(one.result.result_id, known)

    async def note(self, facts: Iterable[Fact]) -> None:
        self.noted += facts

    def _write(self, admission: Admission) -> bool:
        known = self.kept[admission.subject_id]
        content = admission.content
        if known.returned_by or (admission.step != "reported" and known.received_by):
            return False
        if admission.step == "received":
            known = replace(known, received_by=content["by"])
        elif admission.step == "returned":
            known = replace(known, returned_by=content["by"], return_reason=content["reason"])
        else:
            outcome = ActionOutcome(content["outcome"])
            known = replace(known, reported={**known.reported, admission.event.id: outcome})
        self.kept[admission.subject_id] = known
        self.held.setdefault(admission.subject_id, []).append(admission.event)
        return True


@dataclass
class Desk:
    """A clerk's desk at the bureau."""

    results: FakeIncomingResults = field(default_factory=FakeIncomingResults)
    breaches: FakeBreaches = field(default_factory=FakeBreaches)
    measurements: FakeMeasurements = field(default_factory=FakeMeasurements)

    async def receive(self, *ids: str, by: str = "王审批", actor: Actor = ACTOR) -> Acts:
        command = ReceiveResults(result_ids=ids, by=by, actor=actor, at=at(80))
        return await receive_results(command, results=self.results, measurements=self.measurements)

    async def give_back(self, *ids: str, reason: str = "非本机关许可") -> Acts:
        command = ReturnResults(result_ids=ids, by="王审批", reason=reason, actor=ACTOR, at=at(80))
        return await return_results(command, results=self.results)

    async def report(self, *lines: ReportLine) -> Acts:
        command = ReportActions(reports=lines, by="王审批", actor=ACTOR, at=at(140))
        return await report_actions(
            command,
            results=self.results,
            breaches=self.breaches,
            measurements=self.measurements,
        )

    async def heard(self) -> None:
        events = [suspected(), stepped(BreachNotified, 60), stepped(BreachHeard, 70)]
        await self.breaches.note(facts_of(events))


def line(outcome: ActionOutcome = ActionOutcome.ANNULLED, note: str = "已撤销") -> ReportLine:
    return ReportLine(result_id=RESULT, outcome=outcome, note=note)


def refusals(acts: Acts) -> list[tuple[str, int]]:
    return [(refusal.subject_id, refusal.status) for refusal in acts.refused]


async def test_a_receipt_is_written_and_published() -> None:
    desk = Desk()
    acts = await desk.receive(RESULT)
    [event] = desk.results.published
    assert acts.done == [RESULT]
    assert isinstance(event, ResultReceived)
    assert event.data.by == "王审批"
    assert event.partitionkey == PARTY_CODE
    assert event.subject == DECISION
    assert desk.measurements.gaps == [("result_to_received", 3600.0)]


async def test_what_the_bureau_does_about_a_result_goes_on_with_the_results_trace() -> None:
    told = []
    for traceparent in (SAMPLED, None):
        kept = {RESULT: replace(INCOMING, traceparent=traceparent)}
        signs, returns = (Desk(results=FakeIncomingResults(dict(kept))) for _ in range(2))
        await signs.receive(RESULT)
        await signs.report(line())
        await returns.give_back(RESULT)
        told.append(
            [one.traceparent for one in signs.results.published + returns.results.published]
        )
    assert told == [[SAMPLED] * 3, [None] * 3]


async def test_a_second_receipt_of_the_same_clerk_is_done_already() -> None:
    desk = Desk()
    await desk.receive(RESULT)
    acts = await desk.receive(RESULT, RESULT)
    assert acts.done == [RESULT]
    assert len(desk.results.published) == 1
    assert len(desk.measurements.gaps) == 1


async def test_a_receipt_of_another_clerk_is_refused_by_name() -> None:
    desk = Desk()
    await desk.receive(RESULT)
    acts = await desk.receive(RESULT, by="赵审批")
    assert refusals(acts) == [(RESULT, 409)]
    assert "王审批" in str(acts.refused[0])


async def test_each_id_has_its_own_outcome() -> None:
    desk = Desk()
    foreign = stable_id("result", "foreign")
    desk.results.kept[foreign] = replace(INCOMING, result_id=foreign, authority=OTHER_BUREAU)
    acts = await desk.receive(foreign, OTHER, RESULT)
    assert acts.done == [RESULT]
    assert refusals(acts) == [(foreign, 403), (OTHER, 404)]


async def test_a_platform_acts_for_the_authorities_of_its_key() -> None:
    platform = Actor(organisation="platform", authorities=frozenset({BUREAU}))
    acts = await Desk().receive(RESULT, actor=platform)
    assert acts.done == [RESULT]


async def test_of_two_clerks_at_once_one_wins() -> None:
    desk = Desk()
    desk.results.rival = replace(INCOMING, received_by="赵审批")
    acts = await desk.receive(RESULT)
    assert refusals(acts) == [(RESULT, 409)]
    assert not desk.results.published
    assert not desk.measurements.gaps


async def test_a_received_result_cannot_be_returned_nor_a_returned_one_received() -> None:
    desk = Desk()
    await desk.receive(RESULT)
    assert refusals(await desk.give_back(RESULT)) == [(RESULT, 409)]
    other = Desk()
    assert (await other.give_back(RESULT)).done == [RESULT]
    assert refusals(await other.receive(RESULT)) == [(RESULT, 409)]
    assert refusals(await other.report(line())) == [(RESULT, 409)]


async def test_a_return_repeated_is_done_and_with_another_reason_refused() -> None:
    desk = Desk()
    await desk.give_back(RESULT)
    assert (await desk.give_back(RESULT)).done == [RESULT]
    assert refusals(await desk.give_back(RESULT, reason="另一理由")) == [(RESULT, 409)]
    assert len(desk.results.published) == 1


async def test_a_report_needs_a_receipt_first() -> None:
    desk = Desk()
    assert refusals(await desk.report(line())) == [(RESULT, 409)]
    await desk.receive(RESULT)
    assert (await desk.report(line())).done == [RESULT]
    reports = [e for e in desk.results.published if isinstance(e, ActionReported)]
    assert [event.data.outcome for event in reports] == [ActionOutcome.ANNULLED]


async def test_the_same_report_again_is_one_report() -> None:
    desk = Desk()
    await desk.receive(RESULT)
    await desk.report(line())
    assert (await desk.report(line())).done == [RESULT]
    assert len(desk.results.published) == 2


async def test_a_breach_may_be_confirmed_and_the_licence_annulled_in_one_go() -> None:
    desk = Desk()
    await desk.heard()
    await desk.receive(RESULT)
    acts = await desk.report(line(ActionOutcome.BREACH_CONFIRMED, "认定"), line())
    assert acts.done == [RESULT]
    assert len(desk.results.published) == 3
    # The time to act is measured to the first report.
    assert desk.measurements.gaps[1:] == [("result_to_acted", 7200.0)]


@pytest.mark.parametrize("known", [[], [suspected()], [suspected(), stepped(BreachNotified, 60)]])
async def test_nobody_is_said_to_have_broken_a_promise_unheard(known: list[Event]) -> None:
    desk = Desk()
    await desk.breaches.note(facts_of(known))
    await desk.receive(RESULT)
    (refused,) = (await desk.report(line(ActionOutcome.BREACH_CONFIRMED))).refused
    assert (refused.status, refused.subject_id) == (409, RESULT)
    assert "未听取陈述申辩" in str(refused)
    assert (await desk.report(line(ActionOutcome.BREACH_NOT_CONFIRMED))).done == [RESULT]
    await desk.heard()
    assert (await desk.report(line(ActionOutcome.BREACH_CONFIRMED))).done == [RESULT]


async def test_only_results_about_a_licence_go_back_to_a_bureau() -> None:
    results, ledger = FakeIncomingResults(kept={}), FakeLedger()
    about_party = found().model_copy(
        update={"data": found().data.model_copy(update={"decision_id": None})}  # type: ignore[attr-defined]
    )
    await record_results([about_party], results=results, matters=[FakeBreaches()], ledger=ledger)
    assert not results.kept
    assert not ledger.kept
    await record_results([found()], results=results, matters=[FakeBreaches()], ledger=ledger)
    assert list(results.kept) == [RESULT]
    assert list(ledger.kept[DECISION].of(FactKind.FOUND)) == [RESULT]


async def test_acts_on_the_log_reach_results_and_ledger() -> None:
    results, ledger = FakeIncomingResults(), FakeLedger()
    await record_actions(
        [result_received(), reported()],
        results=results,
        matters=[FakeFindings(), FakeBreaches()],
        ledger=ledger,
    )
    assert [fact.kind for fact in results.noted] == [FactKind.RESULT_RECEIVED, FactKind.REPORTED]
    [result] = ledger.kept[DECISION].results
    assert [fact.detail["outcome"] for fact in result.reports] == ["annulled"]
