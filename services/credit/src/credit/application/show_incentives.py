"""Show which incentives (信易+) a party may enjoy, and why, or why not."""

from datetime import date

from credit.domain.incentives import Enjoyment, Incentives, enjoyments
from credit.domain.standing import standing
from credit.ports import FactLedger


async def show_incentives(
    party: str, on: date, *, facts: FactLedger, incentives: Incentives
) -> tuple[Enjoyment, ...]:
    """Every incentive; of whom nothing is known, none is shown to hold."""
    return enjoyments(standing(await facts.of_party(party), on), incentives, on)
