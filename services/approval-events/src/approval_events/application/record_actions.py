"""Enter what bureaus and oversight did; after a rebuild the log alone knows it."""

from collections.abc import Sequence

from approval_events.application.matter_ports import MatterBooks
from approval_events.application.ports import Ledger
from approval_events.application.result_ports import ResultBooks
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_actions(
    events: Sequence[Event],
    *,
    results: ResultBooks,
    matters: Sequence[MatterBooks],
    ledger: Ledger,
) -> None:
    """Let each result, matter and linkage know."""
    facts = list(facts_of(events))
    await results.note(facts)
    for books in matters:
        await books.note(facts)
    await ledger.record(facts)
