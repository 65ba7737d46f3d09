"""Enter what credit says of breaches: repaired, overturned, or that taken back."""

from collections.abc import Sequence

from approval_events.application.matter_ports import MatterBooks
from approval_events.application.ports import Ledger
from approval_events.domain.breach_readings import changed_breaches
from linkage_contracts.envelope import Event


async def record_credit(
    events: Sequence[Event], *, matters: Sequence[MatterBooks], ledger: Ledger
) -> None:
    """Let breaches, commitments and linkages know; most acts on facts concern no breach."""
    facts = [fact for event in events for fact in changed_breaches(event)]
    if facts:
        for books in matters:
            await books.note(facts)
        await ledger.record(facts)
