"""Enter results that came back: into the bureau's own list, and into the ledger."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from approval_events.application.matter_ports import MatterBooks
from approval_events.application.ports import Ledger
from approval_events.application.result_ports import FoundResult, ResultBooks
from approval_events.domain.readings import facts_of
from linkage_contracts.envelope import Event

if TYPE_CHECKING:
    from linkage_contracts.results import Result


async def record_results(
    events: Sequence[Event], *, results: ResultBooks, matters: Sequence[MatterBooks], ledger: Ledger
) -> None:
    """Keep what goes back to a bureau; a result about a party alone concerns no linkage."""
    await results.add([found for event in events if (found := _going_back(event)) is not None])
    facts = list(facts_of(events))
    for books in matters:
        await books.note(facts)
    await ledger.record(facts)


def _going_back(event: Event) -> FoundResult | None:
    result = cast("Result", cast("Any", event).data)
    if result.decision_id is None or result.authority is None:
        return None
    return FoundResult(event=event, result=result)
