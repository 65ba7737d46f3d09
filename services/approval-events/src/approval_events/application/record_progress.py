"""Enter what became of pushes and forwarded results into the ledger."""

from collections.abc import Sequence

from approval_events.application.breach_ports import BreachBooks
from approval_events.application.finding_ports import FindingBooks
from approval_events.application.ports import Ledger
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_progress(
    events: Sequence[Event], *, findings: FindingBooks, breaches: BreachBooks, ledger: Ledger
) -> None:
    """Let each linkage, finding and breach know; in any order, and again."""
    facts = list(facts_of(events))
    await findings.note(facts)
    await breaches.note(facts)
    await ledger.record(facts)
