"""Show which incentives (信易+) a party may enjoy, and why, or why not."""

from collections.abc import Callable
from datetime import date

from credit.domain.facts import Fact
from credit.domain.grades import Seriousness
from credit.domain.incentives import Enjoyment, Incentives, enjoyments
from credit.domain.repair import is_public
from credit.domain.standing import standing
from credit.ports import FactLedger


async def show_incentives(
    party: str,
    on: date,
    *,
    facts: FactLedger,
    incentives: Incentives,
    seriousness_of: Callable[[Fact], Seriousness],
) -> tuple[Enjoyment, ...]:
    """Every incentive; of whom nothing is known, none is shown to hold.

    What may not be published any more has no part in it, whether it was repaired or its term ended.
    """
    counted = standing(await facts.of_party(party), on)
    public = [fact for fact in counted if is_public(fact, seriousness_of(fact), on)]
    return enjoyments(public, incentives, on)
