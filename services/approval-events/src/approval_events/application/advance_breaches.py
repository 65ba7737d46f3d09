"""Advance breaches (违诺): the bureau tells, hears, finds, warns, sees it mended, sanctions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.breach_ports import BreachAdmission, BreachStore
from approval_events.application.ports import Catalogues, DecisionVersions, Measurements
from approval_events.domain.breach import Breach
from approval_events.domain.facts import Fact
from approval_events.domain.readings import facts_of
from approval_events.domain.refusals import (
    NotYetKnownError,
    NotYoursError,
    RefusedActError,
    UnfitError,
)
from linkage_contracts.breaches import BreachEvent, BreachSanctioned
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import AuthorityKind, BreachSanction, DecisionKind
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ids import stable_id
from linkage_runtime.clock import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceBreach:
    """One step of one breach; ``said`` are the fields of its event that the clerk gives."""

    breach_id: str
    step: type[BreachEvent]
    said: Mapping[str, Any]
    actor: Actor
    at: datetime


async def advance_breach(
    command: AdvanceBreach, *, breaches: BreachStore, measurements: Measurements
) -> Acts:
    """Take the step, if it follows from what was done; the same again is done already."""

    def propose(breach: Breach) -> BreachAdmission | None:
        raised = _owned(breach, command.actor)
        event = _event(raised, command)
        (step,) = facts_of([event])
        if not breach.check(step, day_of(command.at)):
            return None
        return BreachAdmission(breach=breach, event=event)

    acts, acted = await admit_acts([command.breach_id], propose, store=breaches)
    for _ in acted:
        measurements.breach(step_name(command.step))
    return acts


def step_name(step: type[BreachEvent]) -> str:
    """``breach-found`` and so on."""
    return str(step.model_fields["type"].default).split(".")[2]


async def sanction_breach(
    command: AdvanceBreach,
    *,
    breaches: BreachStore,
    decisions: DecisionVersions,
    catalogues: Catalogues,
    measurements: Measurements,
) -> Acts:
    """The same, where an annulment names the act that annuls, and a referral who may penalise."""
    breach = (await breaches.find([command.breach_id])).get(command.breach_id)
    said = dict(command.said)
    try:
        if breach is not None and said["kind"] is BreachSanction.ANNULMENT:
            versions = await decisions.versions([_owned(breach, command.actor).linkage])
            said["decision_event_id"] = _annulment(command, versions).id
        elif said["kind"] is BreachSanction.PENALTY_REFERRAL:
            _refuse_unknown(command, await catalogues.in_force())
    except RefusedActError as refusal:
        return Acts(refused=[refusal])
    return await advance_breach(
        replace(command, said=said), breaches=breaches, measurements=measurements
    )


def _annulment(command: AdvanceBreach, versions: Sequence[DecisionEvent]) -> DecisionEvent:
    number = command.said["document_number"]
    for version in versions:
        act = version.data.act
        if version.data.kind is DecisionKind.ANNULLED and act and act.document_number == number:
            return version
    raise UnfitError(
        command.breach_id,
        f"本决定没有文书号为 {number} 的撤销决定,请先报送撤销决定",
        f"no act {number} annuls this decision: record the annulment first",
    )


def _refuse_unknown(command: AdvanceBreach, catalogue: Catalogue) -> None:
    known = catalogue.authority_by_id.get(command.said["referred_to"])
    if known is None or known.kind is not AuthorityKind.SUPERVISING:
        raise UnfitError(
            command.breach_id,
            "referred_to 应为目录中的监管部门",
            "referred_to must be a supervising authority of the catalogue",
        )


def _owned(breach: Breach, actor: Actor) -> Fact:
    """What raised the breach, if it is the actor's.

    Raises:
        NotYetKnownError: only steps are known so far.
        NotYoursError: it is about another authority's decision.
    """
    raised = breach.raised
    if raised is None:
        raise NotYetKnownError(breach.breach_id, "尚未入账,请稍后再试", "not yet: try again")
    if raised.authority not in actor.organisations:
        raise NotYoursError(
            breach.breach_id, "不是本机关的决定", "it is about another authority's decision"
        )
    return raised


def _event(raised: Fact, command: AdvanceBreach) -> BreachEvent:
    step = step_name(command.step)
    # Of sanctions each kind is a step of its own; of all others there is one.
    kind = (str(command.said["kind"]),) if command.step is BreachSanctioned else ()
    return command.step.model_validate(
        {
            "id": stable_id(step, command.breach_id, *kind),
            "source": f"/organisations/{raised.authority}",
            "subject": raised.linkage,
            "time": command.at,
            "recordedtime": command.at,
            "partitionkey": raised.detail["party"],
            "emitter": command.actor.organisation,
            "data": {
                **command.said,
                "breach_id": command.breach_id,
                "result_id": raised.detail["result_id"],
                "decision_id": raised.linkage,
                "authority": raised.authority,
                "supervisor": raised.detail["supervisor"],
            },
        }
    )
