"""Answer for a tolerance (容缺): the bureau says that the materials came, or that it terminated."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.ports import Catalogues
from approval_events.application.tolerance_ports import ToleranceAdmission, ToleranceStore
from approval_events.domain.facts import Fact
from approval_events.domain.readings import facts_of
from approval_events.domain.refusals import NotYetKnownError, NotYoursError, OutOfOrderError
from approval_events.domain.tolerance import Tolerance
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import ToleranceRegime
from linkage_contracts.ids import stable_id
from linkage_contracts.tolerances import ToleranceSupplemented, ToleranceTerminated
from linkage_runtime.clock import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTolerance:
    """The bureau's word about one tolerance; ``said`` are the fields that the clerk gives."""

    supplement_id: str
    step: type[ToleranceSupplemented | ToleranceTerminated]
    said: Mapping[str, Any]
    actor: Actor
    at: datetime


async def answer_tolerance(
    command: AnswerTolerance, *, tolerances: ToleranceStore, catalogues: Catalogues
) -> Acts:
    """Take the bureau's word; the same again is done already."""
    catalogue = await catalogues.in_force()

    def propose(tolerance: Tolerance) -> ToleranceAdmission | None:
        tolerated = _owned(tolerance, command.actor)
        if command.step is ToleranceTerminated:
            _refuse_licence_first(tolerated, catalogue)
        event = _event(tolerance, tolerated, command)
        (step,) = facts_of([event])
        if not tolerance.check(step, day_of(command.at)):
            return None
        return ToleranceAdmission(tolerance=tolerance, event=event)

    acts, _ = await admit_acts([command.supplement_id], propose, store=tolerances)
    return acts


def _owned(tolerance: Tolerance, actor: Actor) -> Fact:
    tolerated = tolerance.tolerated
    if tolerated is None:
        raise NotYetKnownError(tolerance.supplement_id, "尚未入账,请稍后再试", "not yet: try again")
    if tolerated.authority not in actor.organisations:
        raise NotYoursError(
            tolerance.supplement_id, "不是本机关的决定", "it is about another authority's decision"
        )
    return tolerated


def _refuse_licence_first(tolerated: Fact, catalogue: Catalogue) -> None:
    known = catalogue.item_by_code
    items = [known[code] for code in tolerated.detail["items"] if code in known]
    if any(item.tolerance is ToleranceRegime.LICENCE_FIRST for item in items):
        raise OutOfOrderError(
            str(tolerated.detail["supplement_id"]),
            "临时许可证须以撤回、撤销或注销决定终止,报送该决定即可",
            "a temporary licence is ended by a decision: record that act, and it is terminated",
        )


def _event(
    tolerance: Tolerance, tolerated: Fact, command: AnswerTolerance
) -> ToleranceSupplemented | ToleranceTerminated:
    said = dict(command.said)
    if command.step is ToleranceSupplemented:
        said["clears"] = tolerance.clears(said["on"])
    return command.step.model_validate(
        {
            "id": stable_id(command.step.__name__, command.supplement_id),
            "source": f"/organisations/{tolerated.authority}",
            "subject": tolerated.linkage,
            "time": command.at,
            "recordedtime": command.at,
            "partitionkey": tolerated.detail["party"],
            "emitter": command.actor.organisation,
            "data": {
                **said,
                "supplement_id": command.supplement_id,
                "decision_id": tolerated.linkage,
                "authority": tolerated.authority,
            },
        }
    )
