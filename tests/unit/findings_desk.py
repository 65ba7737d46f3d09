"""Findings in memory, the versions of a decision that raise them, and the desks that act."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from approval_events.application.acts import Actor, Acts
from approval_events.application.answer_findings import (
    AnswerFindings,
    AnswerLine,
    answer_findings,
)
from approval_events.application.finding_ports import (
    FindingAdmission,
    FindingCount,
    FindingQuery,
)
from approval_events.application.judge_findings import JudgeFindings, judge_findings
from approval_events.domain.facts import Fact
from approval_events.domain.finding import KINDS, Answer, Finding, FindingState
from approval_events.domain.readings import facts_of
from linkage_contracts.actions import FindingAnswered
from linkage_contracts.codes import Clock, DecisionKind, FindingAnswerKind, Rule, Severity
from linkage_contracts.deadlines import Deadline, DeadlineEscalated
from linkage_contracts.decisions import Act, DecisionEvent, Irregularity
from linkage_contracts.envelope import Event
from linkage_contracts.ids import finding_id, stable_id
from tests.unit.approval_builders import BUREAU, OVERSIGHT
from tests.unit.approval_fakes import FakeCatalogues, FakeMeasurements
from tests.unit.approval_loops import DECISION, at, decided, envelope

OFF = Rule.OFF_CATALOGUE
LATE = Rule.PUSHED_LATE
BUREAU_ACTOR = Actor(organisation=BUREAU, authorities=frozenset({BUREAU}))
OVERSIGHT_ACTOR = Actor(organisation=OVERSIGHT, authorities=frozenset())


def version(
    name: str, day: int, *rules: Rule, minutes: float = 0, kind: DecisionKind | None = None
) -> DecisionEvent:
    """A version of the decision from this day of November that breaks these rules."""
    kind = kind or DecisionKind.AMENDED
    broken = tuple(
        Irregularity(rule=rule, detail="示例", severity=Severity.MINOR, ground="assumption")
        for rule in rules
    )
    event = decided(name, minutes, kind=kind)
    act = Act(document_number=f"{name}号", on=date(2026, 11, day), ground="x")
    data = event.data.model_copy(update={"irregularities": broken, "act": act})
    return event.model_copy(update={"data": data})


BROKEN = version("broken", 20, OFF, LATE)
FINDING = finding_id(BROKEN.id, OFF)
LATENESS = finding_id(BROKEN.id, LATE)


def escalated(minutes: float = 60, finding: str = FINDING, *, reminder: int | None = None) -> Event:
    """No answer came in time; a reminder is of an escalation that nobody answered."""
    return DeadlineEscalated(
        **envelope(f"escalated {minutes}", minutes),
        data=Deadline(
            decision_id=DECISION,
            finding_id=finding,
            organisation=BUREAU,
            clock=Clock.FINDING_ANSWER,
            due_on=date(2026, 11, 27),
            level=3,
            reminder=reminder,
        ),
    )


def correction(note: str = "事项编码已更正", by: str = "王审批") -> Answer:
    """The bureau mended it."""
    kind = FindingAnswerKind.CORRECTION
    return Answer(by=by, kind=kind, note=note, act_document_number="变1号")


@dataclass
class FakeFindings:
    """Findings in memory, merged by the domain; ``rival`` comes between a look and a write."""

    kept: dict[str, Finding] = field(default_factory=dict)
    held: list[Event] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)
    rival: Event | None = None

    async def note(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.kind in KINDS and "finding_id" in fact.detail:
                id_ = str(fact.detail["finding_id"])
                known = self.kept.get(id_) or Finding(finding_id=id_, facts={})
                self.kept[id_] = known.merge([fact])

    async def of_decisions(self, decision_ids: Iterable[str]) -> Sequence[Finding]:
        wanted = set(decision_ids)
        return [one for one in self.kept.values() if one.raised and one.raised.linkage in wanted]

    async def find(self, finding_ids: Sequence[str], /) -> dict[str, Finding]:
        return {id_: self.kept[id_] for id_ in finding_ids if id_ in self.kept}

    async def admit(self, admissions: Sequence[FindingAdmission], /) -> int:
        if self.rival:
            await self.note(facts_of([self.rival]))
        return sum([await self._write(admission) for admission in admissions])

    async def publish(self, _: Sequence[str], /) -> None:
        self.published += self.held
        self.held = []

    async def page(self, query: FindingQuery) -> Sequence[Finding]:
        fitting = [
            one
            for id_, one in sorted(self.kept.items())
            if one.raised
            and id_ > query.after
            and query.state in {None, one.state}
            and query.rule in {None, one.raised.detail["rule"]}
            and (query.authorities is None or one.raised.authority in query.authorities)
        ]
        return fitting[: query.limit]

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[FindingCount]:
        kinds = Counter(
            (str(one.raised.authority), str(one.raised.detail["rule"]), one.state)
            for one in self.kept.values()
            if one.raised and (authorities is None or one.raised.authority in authorities)
        )
        return [
            FindingCount(authority=authority, rule=rule, state=state, count=count)
            for (authority, rule, state), count in sorted(kinds.items())
        ]

    async def _write(self, admission: FindingAdmission) -> bool:
        known = self.kept[admission.subject_id]
        is_answer = isinstance(admission.event, FindingAnswered)
        is_answered = known.state is FindingState.ANSWERED
        if known.is_over or known.round != admission.event.data.round or is_answer is is_answered:
            return False
        await self.note(facts_of([admission.event]))
        self.held.append(admission.event)
        return True


@dataclass
class Desks:
    """A clerk's desk at the bureau, and one at the office that oversees it."""

    findings: FakeFindings = field(default_factory=FakeFindings)
    measurements: FakeMeasurements = field(default_factory=FakeMeasurements)

    async def raise_(self, *events: Event) -> None:
        await self.findings.note(facts_of(events))

    async def answer(
        self, answer: Answer, *ids: str, actor: Actor = BUREAU_ACTOR, minutes: float = 10
    ) -> Acts:
        lines = [AnswerLine(finding_id=id_, answer=answer) for id_ in ids or (FINDING,)]
        command = AnswerFindings(answers=lines, actor=actor, at=at(minutes))
        return await answer_findings(
            command, findings=self.findings, measurements=self.measurements
        )

    async def judge(self, *ids: str, actor: Actor = OVERSIGHT_ACTOR, **said: Any) -> Acts:
        minutes = said.pop("minutes", 20)
        command = JudgeFindings(
            **{
                "finding_ids": ids or (FINDING,),
                "by": "刘督查",
                "actor": actor,
                "at": at(minutes),
                **said,
            }
        )
        return await judge_findings(
            command,
            findings=self.findings,
            catalogues=FakeCatalogues(),
            measurements=self.measurements,
        )

    def state(self, finding: str = FINDING) -> FindingState:
        return self.findings.kept[finding].state


def answered_event(answer: Answer, round_: int = 0, minutes: float = 9) -> FindingAnswered:
    """The same answer, as the log tells it."""
    return FindingAnswered.model_validate(
        {
            **envelope("answered", minutes),
            "id": stable_id("finding-answered", FINDING, str(round_)),
            "data": {
                "finding_id": FINDING,
                "decision_id": DECISION,
                "decision_event_id": BROKEN.id,
                "authority": BUREAU,
                "rule": OFF,
                "round": round_,
                "by": answer.by,
                "kind": answer.kind,
                "note": answer.note,
                "act_document_number": answer.act_document_number,
            },
        }
    )
