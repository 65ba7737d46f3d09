"""Open tolerance supplements (容缺), and stop those that a later version settles."""

from collections.abc import Sequence
from typing import Protocol

from linkage_contracts.actions import AnyActionEvent
from linkage_contracts.tolerances import ToleranceSupplemented, ToleranceTerminated
from supervision_push.application.plan_pushes import Arrived
from supervision_push.application.ports import Catalogues, Recalls
from supervision_push.domain.supplement import (
    Settled,
    Superseding,
    Supplement,
    superseded_by,
    superseding,
    supplement_of,
)
from supervision_push.domain.terms import Schedule


class Supplements(Protocol):
    """What is still owed for decisions that were accepted with something missing."""

    async def open(self, supplements: Sequence[Supplement]) -> None:
        """Store what is new; one that was moved or stopped is not reset."""

    async def stop_settled(self, supplement_ids: Sequence[str]) -> None:
        """Stop those of these that were settled before they were stored."""

    async def settle(self, settled: Sequence[Settled]) -> None:
        """Stop those of which the bureau said what became of them, and remember it."""

    async def stop(self, superseding: Sequence[Superseding]) -> None:
        """Stop the clocks of those that earlier versions opened and these don't carry on."""


async def open_supplements(
    arrived: Sequence[Arrived],
    *,
    supplements: Supplements,
    recalls: Recalls,
    catalogues: Catalogues,
    schedule: Schedule,
) -> None:
    """Of a batch of decision events; done again, or in another order, it comes to the same."""
    opening = []
    for event in (one.event for one in arrived if one.event.data.tolerance is not None):
        catalogue = await catalogues.version(event.data.catalogue_version)
        opened = supplement_of(event, catalogue, schedule)
        opening += [opened] if opened else []
    later = [stops for one in arrived if (stops := superseding(one.event))]
    if opening:
        await supplements.open(opening)
        await supplements.stop_settled([one.supplement_id for one in opening])
        endings = await recalls.of({one.decision_id for one in opening})
        later += [superseded_by(ending) for ending in endings]
    if later:
        await supplements.stop(later)


async def settle_supplements(events: Sequence[AnyActionEvent], *, supplements: Supplements) -> None:
    """Stop the clocks of those of which the bureau said what became of them."""
    settled = [
        Settled(supplement_id=event.data.supplement_id, at=event.time)
        for event in events
        if isinstance(event, ToleranceSupplemented | ToleranceTerminated)
    ]
    if settled:
        await supplements.settle(settled)
