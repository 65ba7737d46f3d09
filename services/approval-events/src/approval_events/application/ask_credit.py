"""Ask credit at the door: may the parties of a request use the commitments and tolerances in it?

One question for a whole request. Where credit cannot be asked, its last ratings, of which this
service keeps a copy, are gone by, and it is said that they were.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Protocol

import structlog

from approval_events.domain.case import CreditTrouble, Judged, Standing, Unverified
from linkage_contracts.codes import RiskClass
from linkage_contracts.identity import is_uscc
from linkage_contracts.ratings import Bar
from linkage_runtime.errors import TransientError

log = structlog.get_logger()


class CreditAwayError(TransientError):
    """Credit gave no answer; the door goes on without."""

    def __init__(self, trouble: CreditTrouble, cause: str) -> None:
        super().__init__(f"{trouble}: {cause}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May this party use it for this item, as of the day of the decision?"""

    party: str
    item: str | None
    use: Literal["commitment", "tolerance"]
    on: date


class CreditDesk(Protocol):
    """The credit service, as it answers now."""

    async def bars(self, questions: Sequence[Question]) -> Mapping[Question, tuple[Bar, ...]]:
        """What bars whom from what; raises CreditAwayError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a party's last rating said."""

    bars: tuple[Bar, ...]
    risk_class: RiskClass
    told_at: datetime


class RatingCopies(Protocol):
    """This service's own copy of what ratings say about parties."""

    async def copies(self, parties: Sequence[str]) -> Mapping[str, Copy]:
        """Those of the parties that are rated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Both: the service itself, and what it told last."""

    desk: CreditDesk
    copies: RatingCopies


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A decision whose party's credit may matter."""

    party: str
    judged: Judged
    codes: Sequence[str]

    @property
    def questions(self) -> Iterator[Question]:
        """None for a natural person, or a party without a code: nothing bars who is not rated."""
        uses: list[Literal["commitment", "tolerance"]] = []
        if self.judged.commitment:
            uses.append("commitment")
        if self.judged.tolerance:
            uses.append("tolerance")
        # Most decisions use neither, and the check of a code costs more than all else here.
        if uses and is_uscc(self.party):
            for use in uses:
                for item in self.codes or (None,):
                    on = self.judged.effective_on
                    yield Question(party=self.party, item=item, use=use, on=on)


async def ask_credit(
    askers: Sequence[Asker], *, credit: Credit, needs_classes: bool
) -> tuple[Standing, ...]:
    """The standing of each decision's party.

    Args:
        askers: all decisions of one request.
        credit: whom to ask.
        needs_classes: whether a rule in force looks at classes, which only the copy has.

    Raises:
        TransientError: the database is away.
    """
    questions = list(dict.fromkeys(asked for one in askers for asked in one.questions))
    told: Mapping[Question, tuple[Bar, ...]] = {}
    trouble = None
    if questions:
        try:
            told = await credit.desk.bars(questions)
        except CreditAwayError as error:
            trouble = error.trouble
            log.warning("credit not asked", trouble=str(trouble), cause=str(error))
    wanted = {asked.party for asked in questions} if trouble else set[str]()
    if needs_classes:
        wanted |= {one.party for one in askers}
    copies = await credit.copies.copies(sorted(wanted)) if wanted else {}
    return tuple(_standing(one, told, copies.get(one.party), trouble) for one in askers)


def _standing(
    asker: Asker,
    told: Mapping[Question, tuple[Bar, ...]],
    copy: Copy | None,
    trouble: CreditTrouble | None,
) -> Standing:
    questions = list(asker.questions)
    risk_class = copy.risk_class if copy else None
    if trouble and questions:
        return Standing(
            bars=copy.bars if copy else (),
            risk_class=risk_class,
            unverified=Unverified(trouble=trouble, told_at=copy.told_at if copy else None),
        )
    bars = tuple(dict.fromkeys(bar for asked in questions for bar in told[asked]))
    return Standing(bars=bars, risk_class=risk_class)
