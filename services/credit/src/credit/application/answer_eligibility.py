"""Answer eligibility for commitment (告知承诺) or tolerance (容缺) of an item; never the class."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from credit.domain.bars import Bars, Use
from credit.domain.standing import standing
from credit.ports import Catalogues, FactLedger
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import ToleranceRegime
from linkage_contracts.identity import is_uscc
from linkage_contracts.ratings import Bar

_UNLISTED = "目录中没有此事项，请核对事项编码 (no such item in the catalogue: check its code)"
_CLOSED = {
    Use.COMMITMENT: "该事项不适用告知承诺，请按一般程序提交齐全材料 "
    "(this item allows no commitment: hand in complete materials in the ordinary way)",
    Use.TOLERANCE: "该事项不适用容缺受理，请提交齐全材料 "
    "(this item allows no missing materials: hand in complete ones)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this party use commitment, or tolerance, for this item, as of a day?"""

    party: str
    item: str | None
    """``None`` where the item is not known: only what bars from every item is told."""
    use: Use
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """What bars a party, if anything does."""

    question: Question
    is_rated: bool
    """Natural persons, and parties without a code, are not rated, so nothing here can bar them."""
    bars: tuple[Bar, ...]
    closed: str | None
    """Why the item is closed to everybody."""


async def answer_eligibility(
    questions: Sequence[Question], *, facts: FactLedger, bars: Bars, catalogues: Catalogues
) -> tuple[Eligibility, ...]:
    """Answer many at once; of whom nothing is known, nothing bars."""
    catalogue = await catalogues.in_force()
    rated = {question.party for question in questions if is_uscc(question.party)}
    known = await facts.deciding(rated)
    return tuple(
        Eligibility(
            question=asked,
            is_rated=asked.party in rated,
            bars=tuple(
                bar
                for bar in bars.among(standing(known.get(asked.party, ()), asked.on))
                if bar.holds_for(asked.use, asked.item)
            ),
            closed=_closed(asked, catalogue),
        )
        for asked in questions
    )


def _closed(asked: Question, catalogue: Catalogue) -> str | None:
    if asked.item is None:
        return None
    item = catalogue.item_by_code.get(asked.item)
    if item is None:
        return _UNLISTED
    is_open = (
        item.commitment
        if asked.use is Use.COMMITMENT
        else item.tolerance is not ToleranceRegime.NONE
    )
    return None if is_open else _CLOSED[asked.use]
