"""The life of a finding: answered, judged, escalated, closed by itself, in any order of arrival."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from approval_events.application.acts import Actor
from approval_events.application.close_findings import close_findings
from approval_events.domain.finding import Finding, FindingState, correction_of
from approval_events.domain.linkage import Linkage, LinkageState
from approval_events.domain.readings import facts_of
from approval_events.domain.story import story
from linkage_contracts.actions import FindingClosed
from linkage_contracts.codes import DecisionKind
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.ids import finding_id, stable_id
from linkage_contracts.topics import ACTIONS
from tests.unit.approval_builders import OTHER_BUREAU, OVERSIGHT
from tests.unit.approval_fakes import FakeDecisions, FakeMeasurements, FakePublisher
from tests.unit.approval_loops import DECISION, at, opened, received
from tests.unit.findings_desk import (
    BROKEN,
    FINDING,
    LATE,
    LATENESS,
    OFF,
    Desks,
    FakeFindings,
    answered_event,
    correction,
    escalated,
    version,
)

MENDED = version("mended", 21, minutes=30)


async def a_desk() -> Desks:
    desk = Desks()
    await desk.raise_(BROKEN)
    return desk


def statuses(acts: object) -> list[int]:
    return [refusal.status for refusal in acts.refused]  # type: ignore[attr-defined]


async def test_every_breach_of_a_version_is_a_finding_of_its_own() -> None:
    desk = await a_desk()
    assert desk.findings.kept.keys() == {FINDING, LATENESS}
    assert desk.state() is FindingState.WARNED


async def test_an_answer_is_published_once_and_the_same_again_is_done() -> None:
    desk = await a_desk()
    assert (await desk.answer(correction())).done == [FINDING]
    assert (await desk.answer(correction(), minutes=11)).done == [FINDING]
    [event] = desk.findings.published
    assert event == answered_event(correction(), minutes=10).model_copy(
        update={"emitter": event.emitter}
    )
    assert desk.state() is FindingState.ANSWERED
    assert desk.measurements.outcomes == [("off_catalogue", "answered")]


async def test_of_two_answers_at_once_one_wins_and_the_other_is_told_409() -> None:
    desk = await a_desk()
    desk.findings.rival = answered_event(correction(by="李审批"))
    acts = await desk.answer(correction())
    assert (acts.done, statuses(acts)) == ([], [409])
    assert "李审批" in str(acts.refused[0])
    assert desk.findings.published == []


async def test_the_same_answer_from_two_windows_at_once_is_done_for_both() -> None:
    desk = await a_desk()
    desk.findings.rival = answered_event(correction())
    acts = await desk.answer(correction())
    assert (acts.done, acts.refused) == ([FINDING], [])


async def test_only_the_bureau_answers_and_only_who_oversees_it_judges() -> None:
    desk = await a_desk()
    stranger = Actor(organisation=OTHER_BUREAU, authorities=frozenset())
    assert statuses(await desk.answer(correction(), actor=stranger)) == [403]
    assert statuses(await desk.answer(correction(), finding_id(BROKEN.id, "x"))) == [404]
    await desk.answer(correction())
    assert statuses(await desk.judge(actor=stranger)) == [403]


async def test_an_accepted_answer_ends_it() -> None:
    desk = await a_desk()
    assert statuses(await desk.judge()) == [409], "nobody has answered yet"
    await desk.answer(correction())
    assert (await desk.judge(note="已核实")).done == [FINDING]
    assert (await desk.judge()).done == [FINDING], "again by the same clerk"
    assert desk.state() is FindingState.ACCEPTED
    assert statuses(await desk.judge(by="别人")) == [409]
    assert statuses(await desk.judge(reason="再补")) == [409]
    assert statuses(await desk.answer(correction("另一答复"))) == [409]


async def test_an_answer_that_was_sent_back_owes_another_and_better_one() -> None:
    desk = await a_desk()
    await desk.answer(correction())
    assert (await desk.judge(reason="请附更正文书")).done == [FINDING]
    assert (await desk.judge(reason="请附更正文书")).done == [FINDING], "again"
    assert desk.state() is FindingState.SENT_BACK
    assert statuses(await desk.answer(correction())) == [409], "the very same answer"
    assert (await desk.answer(correction("已附文书"))).done == [FINDING]
    assert (await desk.judge()).done == [FINDING]
    assert [type(event).__name__ for event in desk.findings.published] == [
        "FindingAnswered",
        "FindingSentBack",
        "FindingAnswered",
        "FindingAccepted",
    ]
    assert len({event.id for event in desk.findings.published}) == 4


async def test_two_verdicts_at_once_do_not_both_stand() -> None:
    desk = await a_desk()
    await desk.answer(correction())
    other = Desks(findings=FakeFindings(kept=dict(desk.findings.kept)))
    await other.judge(reason="请附更正文书")
    desk.findings.rival = other.findings.published[0]
    acts = await desk.judge()
    assert (acts.done, statuses(acts)) == ([], [409])
    assert desk.state() is FindingState.SENT_BACK


async def test_a_finding_that_nobody_answers_is_escalated_until_it_is_answered() -> None:
    desk = await a_desk()
    await desk.raise_(escalated(minutes=5))
    assert desk.state() is FindingState.ESCALATED
    await desk.answer(correction())
    assert desk.state() is FindingState.ANSWERED
    await desk.judge(reason="请附更正文书", minutes=20)
    assert desk.state() is FindingState.SENT_BACK, "the escalation was of the round before"
    await desk.raise_(escalated(minutes=98, reminder=1))
    assert desk.state() is FindingState.SENT_BACK, "so is what is told of it again"
    await desk.raise_(escalated(minutes=99))
    assert desk.state() is FindingState.ESCALATED


class Worker:
    """What the worker does with decisions, as far as findings go."""

    def __init__(self) -> None:
        self.findings, self.decisions = FakeFindings(), FakeDecisions()
        self.publisher, self.measurements = FakePublisher(), FakeMeasurements()

    async def record(self, *events: DecisionEvent) -> None:
        await self.decisions.add(events)
        await close_findings(
            facts_of(events),
            findings=self.findings,
            decisions=self.decisions,
            publisher=self.publisher,
            measurements=self.measurements,
        )

    @property
    def closed(self) -> dict[str, FindingClosed]:
        told = [e for e in self.publisher.on(ACTIONS) if isinstance(e, FindingClosed)]
        return {event.data.finding_id: event for event in told}


async def test_a_later_version_that_breaks_the_rule_no_more_closes_the_finding() -> None:
    worker = Worker()
    await worker.record(BROKEN)
    assert worker.closed == {}
    await worker.record(MENDED)
    assert worker.closed.keys() == {FINDING}, "lateness has happened, and stays to be explained"
    closing = worker.closed[FINDING]
    assert (closing.data.corrected_by, closing.data.act_document_number) == (MENDED.id, "mended号")
    await worker.findings.note(facts_of([closing]))
    assert worker.findings.kept[FINDING].state is FindingState.CLOSED
    await worker.record(MENDED)
    assert len(worker.publisher.on(ACTIONS)) == 1, "what is closed is not told again"


async def test_a_version_that_breaks_it_again_closes_nothing_and_raises_its_own() -> None:
    worker = Worker()
    again = version("again", 21, OFF, minutes=30)
    await worker.record(BROKEN, again)
    assert worker.closed == {}
    assert finding_id(again.id, OFF) in worker.findings.kept
    await worker.record(version("ended", 22, minutes=40, kind=DecisionKind.ANNULLED))
    assert worker.closed.keys() == {FINDING, finding_id(again.id, OFF)}


async def test_a_version_of_another_decision_corrects_nothing() -> None:
    worker = Worker()
    other = MENDED.model_copy(update={"subject": stable_id("decision", "other")})
    finding = Finding(finding_id=FINDING, facts={}).merge(
        fact for fact in facts_of([BROKEN]) if fact.key == FINDING
    )
    assert correction_of(finding, [BROKEN, MENDED]) == MENDED
    assert correction_of(finding, [BROKEN, other]) is None
    await worker.record(BROKEN, other)
    assert worker.closed == {}


async def test_an_earlier_version_corrects_nothing() -> None:
    worker = Worker()
    await worker.record(BROKEN, version("before", 19, minutes=30))
    assert worker.closed == {}


@settings(max_examples=60)
@given(
    st.permutations([BROKEN, MENDED, version("ended", 23, minutes=40), version("late", 22, LATE)])
)
async def test_it_closes_in_whatever_order_the_versions_arrive(
    order: Sequence[DecisionEvent],
) -> None:
    worker = Worker()
    for event in order:
        await worker.record(event)
    assert worker.closed.keys() == {FINDING}
    # Of those that mended it, it was accepted first.
    chosen = correction_of(worker.findings.kept[FINDING], order)
    assert chosen is not None
    assert chosen.id == version("late", 22, LATE).id


async def _whole_life() -> list[Event]:
    desk = await a_desk()
    await desk.answer(correction())
    await desk.judge(reason="请附更正文书")
    await desk.answer(correction("已附文书"), minutes=30)
    await desk.judge(minutes=40)
    return [BROKEN, escalated(minutes=5), *desk.findings.published]


@given(st.data())
async def test_a_finding_is_the_same_in_whatever_order_and_however_often_it_is_told(
    data: st.DataObject,
) -> None:
    told = await _whole_life()
    upto = data.draw(st.integers(1, len(told)))
    known = told[:upto]
    order = data.draw(st.permutations(known + known[: data.draw(st.integers(0, upto))]))
    findings = FakeFindings()
    for event in order:
        await findings.note(facts_of([event]))
    states = [
        *(FindingState.WARNED, FindingState.ESCALATED, FindingState.ANSWERED),
        *(FindingState.SENT_BACK, FindingState.ANSWERED, FindingState.ACCEPTED),
    ]
    assert findings.kept[FINDING].state is states[upto - 1]


async def test_an_act_may_be_known_before_what_it_is_about() -> None:
    findings = FakeFindings()
    await findings.note(facts_of([answered_event(correction())]))
    assert findings.kept[FINDING].raised is None
    await findings.note(facts_of([BROKEN]))
    assert findings.kept[FINDING].state is FindingState.ANSWERED


async def test_a_linkage_tells_of_its_findings_and_is_not_held_open_by_them() -> None:
    desk = await a_desk()
    await desk.answer(correction())
    await desk.judge()
    closed = Worker()
    await closed.record(BROKEN, MENDED)
    told = [BROKEN, opened(cause="broken"), received(), *desk.findings.published]
    told += [*closed.closed.values(), escalated()]
    page = Linkage(decision_id=DECISION, facts={}).merge(facts_of(told))
    assert (page.state, page.closed_at) == (LinkageState.CLOSED, at(3))
    steps = story(page, {OVERSIGHT: "营商环境办公室"})
    raised = [step.detail for step in steps if step.title == "审批预警 rule of approval broken"]
    assert sorted(detail.split()[0] for detail in raised) == ["off_catalogue", "pushed_late"]
    said = {step.title: step for step in steps}
    assert "变1号" in said["纠错反馈 finding answered"].detail
    assert said["反馈认可 answer accepted"].who == "营商环境办公室 刘督查"
    assert "mended号" in said["更正结案 finding closed"].detail


def test_a_finding_that_is_only_known_by_its_acts_is_corrected_by_nothing() -> None:
    assert correction_of(Finding(finding_id=FINDING, facts={}), [BROKEN, MENDED]) is None
