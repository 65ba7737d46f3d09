"""Enter what bureaus and oversight did; after a rebuild the log alone knows it."""

from collections.abc import Sequence

from approval_events.application.breach_ports import BreachBooks
from approval_events.application.finding_ports import FindingBooks
from approval_events.application.ports import Ledger
from approval_events.application.result_ports import ResultBooks
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_actions(
    events: Sequence[Event],
    *,
    results: ResultBooks,
    findings: FindingBooks,
    breaches: BreachBooks,
    ledger: Ledger,
) -> None:
    """Let each result, finding, breach and linkage know."""
    facts = list(facts_of(events))
    await results.note(facts)
    await findings.note(facts)
    await breaches.note(facts)
    await ledger.record(facts)
