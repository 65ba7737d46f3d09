"""Raise findings from the log, and close those that a later version of the decision corrected.

Closing is told on the log and entered when it comes back from there, like everything else about a
finding: done again, it tells the same ids.
"""

from collections.abc import Iterable, Sequence

from approval_events.application.finding_events import about, envelope
from approval_events.application.finding_ports import FindingBooks
from approval_events.application.ports import DecisionVersions, Measurements, Publisher
from approval_events.domain.facts import Fact
from approval_events.domain.finding import Finding, correction_of
from linkage_contracts.actions import FindingClosed, FindingClosure
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import ACTIONS
from linkage_runtime.clock import now

_SYSTEM = "linkage"


async def close_findings(
    facts: Iterable[Fact],
    *,
    findings: FindingBooks,
    decisions: DecisionVersions,
    publisher: Publisher,
    measurements: Measurements,
) -> None:
    """Enter what these decisions break, then see which findings on them were corrected.

    A version may arrive before the one that it corrects: so both ask for all versions there are.
    """
    entered = list(facts)
    await findings.note(entered)
    known = await findings.of_decisions({fact.linkage for fact in entered})
    unsettled = [finding for finding in known if not finding.is_over]
    if not unsettled:
        return
    versions = await decisions.versions(
        {raised.linkage for finding in unsettled if (raised := finding.raised)}
    )
    closed = [told for finding in unsettled if (told := _closed(finding, versions)) is not None]
    await publisher.publish(ACTIONS, closed)
    for event in closed:
        measurements.finding(str(event.data.rule), "closed")


def _closed(finding: Finding, versions: Sequence[DecisionEvent]) -> FindingClosed | None:
    correction = correction_of(finding, versions)
    if correction is None:
        return None
    ref, act = about(finding), correction.data.act
    event_id = stable_id("finding-closed", finding.finding_id, correction.id)
    told = envelope(finding, event_id, (ref["authority"], _SYSTEM), correction.data.accepted_at)
    return FindingClosed(
        **told | {"recordedtime": now()},
        data=FindingClosure(
            **ref,
            corrected_by=correction.id,
            act_document_number=act.document_number if act else None,
        ),
    )
