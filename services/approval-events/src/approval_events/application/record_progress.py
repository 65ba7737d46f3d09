"""Enter what became of pushes and forwarded results into the ledger."""

from collections.abc import Sequence

from approval_events.application.finding_ports import FindingBooks
from approval_events.application.ports import Ledger
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_progress(
    events: Sequence[Event], *, findings: FindingBooks, ledger: Ledger
) -> None:
    """Let each linkage know, and each finding that was escalated; in any order, and again."""
    facts = list(facts_of(events))
    await findings.note(facts)
    await ledger.record(facts)
