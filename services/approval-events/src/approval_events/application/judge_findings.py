"""Judge what bureaus answered to findings: oversight accepts an answer, or sends it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from approval_events.application.acts import Actor, Acts, admit_acts
from approval_events.application.finding_events import (
    about,
    breach_of,
    envelope,
    measure_outcomes,
)
from approval_events.application.finding_ports import FindingAdmission, FindingStore
from approval_events.application.ports import Catalogues, Measurements
from approval_events.domain.finding import Finding
from approval_events.domain.refusals import NotYoursError
from linkage_contracts.actions import (
    FindingAcceptance,
    FindingAccepted,
    FindingReturn,
    FindingSentBack,
)
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.ids import stable_id


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeFindings:
    """One verdict on these answers; ``by`` is the clerk. With a reason they are sent back."""

    finding_ids: Sequence[str]
    by: str
    actor: Actor
    at: datetime
    note: str | None = None
    reason: str | None = None


async def judge_findings(
    command: JudgeFindings,
    *,
    findings: FindingStore,
    catalogues: Catalogues,
    measurements: Measurements,
) -> Acts:
    """Accept each, or send each back; the same verdict again is done already."""
    catalogue = await catalogues.in_force()
    verdict = _acceptance if command.reason is None else _return

    def propose(finding: Finding) -> FindingAdmission | None:
        _refuse_foreign(finding, command.actor, catalogue)
        return verdict(finding, command)

    acts, acted = await admit_acts(command.finding_ids, propose, store=findings)
    outcome = "accepted" if command.reason is None else "sent_back"
    measure_outcomes(outcome, acted, measurements)
    return acts


def _refuse_foreign(finding: Finding, actor: Actor, catalogue: Catalogue) -> None:
    overseers = catalogue.overseers(str(breach_of(finding).detail["region"]))
    if actor.organisation not in {one.id for one in overseers}:
        raise NotYoursError(
            finding.finding_id, "不在本单位督查范围", "another organisation oversees this bureau"
        )


def _acceptance(finding: Finding, command: JudgeFindings) -> FindingAdmission | None:
    if not finding.check_acceptable(command.actor.organisation, command.by):
        return None
    event = FindingAccepted(
        **_envelope("finding-accepted", finding, command),
        data=FindingAcceptance(**_verdict(finding, command), note=command.note),
    )
    return FindingAdmission(subject_id=finding.finding_id, event=event)


def _return(finding: Finding, command: JudgeFindings) -> FindingAdmission | None:
    reason = command.reason or ""
    if not finding.check_returnable(command.actor.organisation, command.by, reason):
        return None
    event = FindingSentBack(
        **_envelope("finding-sent-back", finding, command),
        data=FindingReturn(**_verdict(finding, command), reason=reason),
    )
    return FindingAdmission(subject_id=finding.finding_id, event=event)


def _envelope(kind: str, finding: Finding, command: JudgeFindings) -> dict[str, Any]:
    own = command.actor.organisation
    event_id = stable_id(kind, finding.finding_id, str(finding.round))
    return envelope(finding, event_id, (own, own), command.at)


def _verdict(finding: Finding, command: JudgeFindings) -> dict[str, Any]:
    overseer = command.actor.organisation
    return about(finding) | {"round": finding.round, "overseer": overseer, "by": command.by}
