"""Answer eligibility for commitment (告知承诺) or tolerance (容缺); never the class."""

from dataclasses import dataclass
from datetime import date

from credit.domain.bars import Use, bars_of
from credit.ports import FactLedger
from linkage_contracts.identity import is_uscc
from linkage_contracts.ratings import Bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What bars a party, if anything does."""

    is_rated: bool
    """Natural persons, and parties without a code, are not rated, so nothing here can bar them."""
    bars: tuple[Bar, ...]


async def answer_eligibility(party: str, use: Use, on: date, *, facts: FactLedger) -> Eligibility:
    """Whether anything bars this party from a use; of whom nothing is known, nothing does."""
    if not is_uscc(party):
        return Eligibility(is_rated=False, bars=())
    known = await facts.deciding(party)
    return Eligibility(is_rated=True, bars=bars_of(known, on, use))
