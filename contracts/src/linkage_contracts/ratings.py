"""Topic ``credit.ratings.v1``: ratings, each whole."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.codes import RiskClass
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class Reason(Value):
    """One criterion that moved the rating, and the facts that it moved by."""

    criterion: str
    title: str
    points: int
    facts: tuple[Id, ...]


def _is_empty(value: tuple[str, ...]) -> bool:
    return not value


class Bar(Value):
    """Why the party may not use commitment (告知承诺) or tolerance (容缺), and how it may again."""

    fact: Id
    since: date
    ground: str
    remedy: str
    uses: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """``commitment``, ``tolerance``; none named is both."""
    items: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)
    """The items that it is about; none named is all."""

    def holds_for(self, use: str, item: str | None) -> bool:
        """Whether it keeps the party from a use for an item, or for one that is not known."""
        return (not self.uses or use in self.uses) and (not self.items or item in self.items)


class DomainRating(Value):
    """The rating by the scorecard of one domain (招投标, 食品, …) that the party is in."""

    domain: str
    items: tuple[str, ...]
    """The domain's items: pushes about them carry this class, others the general one."""
    risk_class: RiskClass
    previous_class: RiskClass | None = None
    class_since: date | None = None
    points: int
    scorecard: str
    reasons: tuple[Reason, ...] = ()


class Rating(Value):
    """A party's whole current rating; the newest revision is the one that holds.

    A pure function of facts, scorecards and days: by the same facts it is the same, byte by byte,
    however they were read.
    """

    party: str
    party_name: str
    risk_class: RiskClass
    previous_class: RiskClass | None = None
    """The class before the present one, by today's facts; none if it was never another."""
    class_since: date | None = None
    """Since when the class is this one; set where ``previous_class`` is."""
    points: int
    scorecard: str
    as_of: date
    """Since when all of this is as it is."""
    revision: int
    reasons: tuple[Reason, ...] = ()
    bars: tuple[Bar, ...] = ()
    next_change_on: date | None = None
    """The day on which it may become another without any new fact; it is then told again."""
    domains: tuple[DomainRating, ...] = Field(default=(), exclude_if=lambda own: not own)
    """The ratings beside the general one."""


class PartyRated(Event):
    """A party's rating as it stands now."""

    type: Literal["linkage.credit.rated.v1"] = "linkage.credit.rated.v1"
    data: Rating


AnyRatingEvent = Annotated[PartyRated, Field(discriminator="type")]
