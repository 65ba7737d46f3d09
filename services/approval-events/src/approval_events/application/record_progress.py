"""Enter what became of pushes and forwarded results into the ledger."""

from collections.abc import Sequence

from approval_events.application.ports import Ledger
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event


async def record_progress(events: Sequence[Event], *, ledger: Ledger) -> None:
    """Let each linkage know; done again, or in another order, comes to the same."""
    await ledger.record(facts_of(events))
