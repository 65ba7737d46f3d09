"""Enter what was done about results and findings; after a rebuild the log alone knows it."""

from collections.abc import Sequence

from approval_events.application.finding_ports import FindingBooks
from approval_events.application.ports import Ledger
from approval_events.application.result_ports import ResultBooks
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_actions(
    events: Sequence[Event], *, results: ResultBooks, findings: FindingBooks, ledger: Ledger
) -> None:
    """Let each result, each finding and each linkage know."""
    facts = list(facts_of(events))
    await results.note(facts)
    await findings.note(facts)
    await ledger.record(facts)
