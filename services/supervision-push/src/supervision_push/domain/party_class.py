"""A party's classes, general and by item: what a push about some items carries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from linkage_contracts.codes import RiskClass
from linkage_contracts.decisions import Item
from linkage_contracts.ratings import Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyClass:
    """Internal supervision reference, as credit last told it."""

    general: RiskClass
    by_item: Mapping[str, RiskClass] = field(default_factory=dict)
    """Of items that belong to a domain which the party is rated in."""


def about(party: PartyClass | None, items: Iterable[Item]) -> RiskClass | None:
    """The class that a push about these items carries; none of a party that is not rated.

    It is that of the items' domain, of several the gravest; where they have none, the general one.
    """
    if party is None:
        return None
    own = [party.by_item[item.code] for item in items if item.code in party.by_item]
    return max(own, default=party.general)


def class_of(rating: Rating) -> PartyClass:
    """What a rating says; of an item in two domains the graver class."""
    by_item: dict[str, RiskClass] = {}
    for domain in rating.domains:
        for item in domain.items:
            by_item[item] = max(domain.risk_class, by_item.get(item, domain.risk_class))
    return PartyClass(general=rating.risk_class, by_item=by_item)
