"""Enter what became of pushes and forwarded results into the ledger."""

from collections.abc import Sequence

from approval_events.application.matter_ports import MatterBooks
from approval_events.application.ports import Ledger
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_progress(
    events: Sequence[Event], *, matters: Sequence[MatterBooks], ledger: Ledger
) -> None:
    """Let each linkage and matter know; in any order, and again."""
    facts = list(facts_of(events))
    for books in matters:
        await books.note(facts)
    await ledger.record(facts)
