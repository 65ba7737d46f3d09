"""Breaches of commitments in memory, the events that they are made of, and a clerk's desk."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from approval_events.application.acts import Actor, Acts
from approval_events.application.advance_breaches import (
    AdvanceBreach,
    advance_breach,
    sanction_breach,
)
from approval_events.application.breach_ports import BreachAdmission, BreachQuery
from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import KINDS, STEPS, BreachState
from approval_events.domain.breach_readings import changed_breaches
from approval_events.domain.facts import Fact
from approval_events.domain.readings import facts_of
from linkage_contracts import actions, results
from linkage_contracts import breaches as b
from linkage_contracts.codes import ActionOutcome, BreachSanction
from linkage_contracts.envelope import Event
from linkage_contracts.ids import breach_id, stable_id
from linkage_contracts.objections import ObjectionDecided
from linkage_contracts.parties import Organisation
from linkage_contracts.repairs import FactsRepaired, RepairRevoked
from tests.unit.approval_builders import BUREAU, SUPERVISOR
from tests.unit.approval_fakes import FakeCatalogues, FakeDecisions, FakeMeasurements
from tests.unit.approval_loops import DECISION, PARTY, RESULT, START, envelope

BREACH = breach_id(RESULT)
BUREAU_ACTOR = Actor(organisation=BUREAU, authorities=frozenset({BUREAU}))
SUSPECTED_ON = date(2026, 11, 20)
WINDOW = "11450721XN0721127R"
_RAISES = "linkage.result.commitment-broken.v1"


def suspected(minutes: float = 20) -> Event:
    """Supervision found a promise broken."""
    return results.CommitmentBroken(
        **envelope("suspected", minutes),
        data=results.CommitmentBreach(
            result_id=RESULT,
            supervisor=Organisation(id=SUPERVISOR, name="灵山县市场监督管理局"),
            party=PARTY,
            found_on=SUSPECTED_ON,
            region="450721",
            summary="经核查与承诺不符",
            decision_id=DECISION,
            authority=BUREAU,
            digest="b" * 64,
            promise="三十日内配齐消防设施",
        ),
    )


def _about(result_type: str = _RAISES) -> dict[str, Any]:
    return {
        "result_id": RESULT,
        "result_type": result_type,
        "decision_id": DECISION,
        "authority": BUREAU,
        "supervisor": SUPERVISOR,
        "by": "王审批",
    }


def reported(outcome: ActionOutcome, minutes: float = 30, result_type: str = _RAISES) -> Event:
    """The bureau's word about the result, as it could always be given."""
    return actions.ActionReported(
        **envelope(f"reported {outcome} {minutes}", minutes),
        data=actions.Report(**_about(result_type), outcome=outcome, note="x"),
    )


def returned(minutes: float = 21) -> Event:
    """The bureau sent the result back."""
    return actions.ResultReturned(
        **envelope("suspicion returned", minutes),
        data=actions.Refusal(**_about(), reason="不是本机关的许可"),
    )


MORE: dict[type[b.BreachEvent], dict[str, Any]] = {
    b.BreachNotified: {"hear_by": date(2026, 11, 25)},
    b.BreachHeard: {"statement": "已整改"},
    b.BreachFound: {},
    b.BreachDismissed: {},
    b.BreachWarned: {"mend_by": date(2026, 12, 10)},
    b.BreachMended: {},
    b.BreachSanctioned: {"kind": BreachSanction.CREDIT_RECORD},
}
"""Every step, and what it says besides what all say."""
STEP_OF = dict(zip(STEPS, MORE, strict=True))
"""The event of each kind of fact."""


def said(step: type[b.BreachEvent], on: date = SUSPECTED_ON, **more: Any) -> dict[str, Any]:
    """What a clerk says of a step."""
    common = {"by": "王审批", "on": on, "document_number": "违1号", "ground": "国办发〔2020〕42号"}
    return common | MORE[step] | more


def stepped(step: type[b.BreachEvent], minutes: float = 40, **more: Any) -> Any:
    """A step as the log tells it."""
    about = {name: value for name, value in _about().items() if name != "result_type"}
    data = about | {"breach_id": BREACH} | said(step, **more)
    name = f"{step.__name__} {data.get('kind', '')}"
    return step.model_validate({**envelope(name, minutes), "data": data})


def changed(event: type[Event], kind: str, name: str, minutes: float = 90, **more: Any) -> Any:
    """An act of credit on the fact that the breach is."""
    source = {
        "fact": stable_id("fact", kind),
        "kind": kind,
        "authority": BUREAU,
        "event_id": stable_id("event", kind),
        "result_id": RESULT,
        "decision_id": DECISION,
        "told": [SUPERVISOR],
    }
    act = {"party": PARTY.key, "by": BUREAU, "on": "2026-11-24", "ground": "x", "about": [source]}
    ids = {"fact": source["fact"], "objection_id": stable_id("objection", "1")}
    return event.model_validate({**envelope(name, minutes), "data": act | ids | more})


REPAIR: dict[str, Any] = {
    "facts": [stable_id("fact", "breach_confirmed")],
    "decided_by": BUREAU,
    "decided_on": "2026-11-24",
    "application_id": stable_id("application", "1"),
    "effects": ["终止公示"],
    "filed_by": WINDOW,
}
REPAIRED = changed(FactsRepaired, "breach_confirmed", "repaired", **REPAIR)
UPHELD = changed(ObjectionDecided, "breach_confirmed", "upheld", is_upheld=True)
REVOKED = changed(
    RepairRevoked, "breach_confirmed", "revoked", 95, **REPAIR | {"repair_id": REPAIRED.id}
)


@dataclass
class FakeBreaches:
    """Breaches merged by the domain; ``rival`` comes between a look and a write."""

    kept: dict[str, Breach] = field(default_factory=dict)
    held: list[Event] = field(default_factory=list)
    published: list[Event] = field(default_factory=list)
    rival: Event | None = None

    async def note(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.kind in KINDS and "breach_id" in fact.detail:
                id_ = str(fact.detail["breach_id"])
                known = self.kept.get(id_) or Breach(breach_id=id_, facts={})
                self.kept[id_] = known.merge([fact])

    async def find(self, breach_ids: Sequence[str], /) -> dict[str, Breach]:
        return {id_: self.kept[id_] for id_ in breach_ids if id_ in self.kept}

    async def admit(self, admissions: Sequence[BreachAdmission], /) -> int:
        if self.rival:
            await self.note(all_facts_of([self.rival]))
        stand = [one for one in admissions if self.kept[one.subject_id] == one.breach]
        for admission in stand:
            await self.note(facts_of([admission.event]))
            self.held.append(admission.event)
        return len(stand)

    async def publish(self, _: Sequence[str], /) -> None:
        self.published += self.held
        self.held = []

    async def page(self, query: BreachQuery) -> Sequence[Breach]:
        return [
            one
            for id_, one in sorted(self.kept.items())
            if (raised := one.raised)
            and id_ > query.after
            and one.state in query.states
            and query.party in {None, raised.detail["party"]}
            and (
                query.organisations is None
                or query.organisations & {raised.authority, raised.detail["supervisor"]}
            )
        ][: query.limit]


@dataclass
class BreachDesk:
    """A clerk at the bureau."""

    breaches: FakeBreaches = field(default_factory=FakeBreaches)
    decisions: FakeDecisions = field(default_factory=FakeDecisions)
    measurements: FakeMeasurements = field(default_factory=FakeMeasurements)

    async def told(self, *events: Event) -> None:
        await self.breaches.note(all_facts_of(events))

    async def take(
        self,
        step: type[b.BreachEvent],
        *,
        day: int = 0,
        actor: Actor = BUREAU_ACTOR,
        **more: Any,
    ) -> Acts:
        """Take a step so many days after the suspicion, and date it so."""
        on = SUSPECTED_ON + timedelta(days=day)
        command = AdvanceBreach(
            breach_id=BREACH,
            step=step,
            said=said(step, **{"on": on, **more}),
            actor=actor,
            at=START + timedelta(days=day, hours=1),
        )
        if step is b.BreachSanctioned:
            return await sanction_breach(
                command,
                breaches=self.breaches,
                decisions=self.decisions,
                catalogues=FakeCatalogues(),
                measurements=self.measurements,
            )
        return await advance_breach(command, breaches=self.breaches, measurements=self.measurements)

    @property
    def state(self) -> BreachState:
        return self.breaches.kept[BREACH].state


def all_facts_of(events: Iterable[Event]) -> list[Fact]:
    """What events of both sides say: of results and actions, and of acts on credit facts."""
    told = list(events)
    credit = [event for event in told if event.type.startswith("linkage.credit.")]
    own = [event for event in told if event not in credit]
    return [*facts_of(own), *(fact for event in credit for fact in changed_breaches(event))]


def states_after(*events: Event) -> BreachState:
    """The state that these events come to, told one by one in this order."""
    breach = Breach(breach_id=BREACH, facts={})
    for fact in all_facts_of(events):
        if "breach_id" in fact.detail:
            breach = breach.merge([fact])
    return breach.state
