"""Terms that the catalogue gives an item, and an authority's own term for its receipt."""

from collections.abc import Iterable
from dataclasses import replace

from linkage_contracts.catalogue import Catalogue, CatalogueItem, ItemTerms
from linkage_contracts.codes import Clock
from linkage_contracts.commitment_terms import check_months
from linkage_contracts.decisions import Item
from linkage_contracts.tolerance_terms import supplement_days
from supervision_push.domain.terms import Schedule, Terms

_OWN_TERM = {
    Clock.RECEIPT: "receipt",
    Clock.ENROLMENT: "enrolment",
    Clock.INSPECTION: "inspection",
}


def schedule_for(
    schedule: Schedule, catalogue: Catalogue, items: Iterable[Item], recipient: str
) -> Schedule:
    """By what the clocks of a push of these items to this authority are set.

    Of the items in the authority's field, else of all, the shortest term counts: an assumption.
    """
    authority = catalogue.authority_by_id.get(recipient)
    known = known_items(catalogue, items)
    own = [item for item in known if authority and _in_field(item, authority.field)] or known
    terms = _shortest(schedule.terms, own)
    if authority and authority.deemed_after is not None:
        # The catalogue allows it only where the receipt is deemed once its term has passed.
        working_days = {**terms.working_days, Clock.RECEIPT: authority.deemed_after}
        terms = replace(terms, working_days=working_days)
    return schedule if terms is schedule.terms else replace(schedule, terms=terms)


def supplement_terms(terms: Terms, catalogue: Catalogue, items: Iterable[Item]) -> Terms:
    """How long what is missing (容缺) may stay so, by what the settings say of the rule."""
    longest = supplement_days(
        known_items(catalogue, items),
        at_most=terms.working_days[Clock.TOLERANCE_SUPPLEMENT],
        less_than_promise=terms.supplement_before_promise,
    )
    return replace(terms, working_days={**terms.working_days, Clock.TOLERANCE_SUPPLEMENT: longest})


def known_items(catalogue: Catalogue, items: Iterable[Item]) -> list[CatalogueItem]:
    """Those of a decision's items that are on the catalogue."""
    by_code = catalogue.item_by_code
    return [by_code[item.code] for item in items if item.code in by_code]


def _in_field(item: CatalogueItem, field: str | None) -> bool:
    return any(supervision.field == field for supervision in item.supervised_by)


def _shortest(terms: Terms, items: list[CatalogueItem]) -> Terms:
    if not any(item.terms for item in items):
        return terms
    own = [item.terms or ItemTerms() for item in items]
    working_days = {
        clock: min(_or(getattr(one, name), terms.working_days[clock]) for one in own)
        for clock, name in _OWN_TERM.items()
    }
    return replace(
        terms,
        working_days={**terms.working_days, **working_days},
        commitment_check_months=check_months(items, terms.commitment_check_months),
    )


def _or(own: int | None, default: int) -> int:
    return default if own is None else own
