"""How long what is missing (容缺) may stay so: one rule, for the clock and for the finding."""

from collections.abc import Sequence

from linkage_contracts.catalogue import CatalogueItem
from linkage_contracts.codes import ToleranceRegime


def supplement_days(items: Sequence[CatalogueItem], *, at_most: int, less_than_promise: int) -> int:
    """Working days, one at least; of several items the shortest term counts.

    A local rule (Shenzhen 2019-10-01): less than the promised time by some days, and no more than a
    fixed number. Where the licence came first, the promised time was kept and bounds nothing more.
    """
    terms = [
        item.promised_days - less_than_promise
        for item in items
        if item.tolerance is ToleranceRegime.AFTER_SUPPLEMENT
    ]
    return max(1, min([at_most, *terms]))
