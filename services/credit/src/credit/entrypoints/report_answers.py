"""What the API says about months and incentives."""

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import BaseModel

from credit.application.report_month import MonthReport
from credit.domain.incentives import Enjoyment
from credit.domain.month import Moves
from credit.entrypoints.answers import NOTICE
from linkage_contracts.codes import RiskClass


class MoveAnswer(BaseModel):
    """So many parties went from one class to another; from none: first heard of that month."""

    before: RiskClass | None
    after: RiskClass
    parties: int


class DomainMonthAnswer(BaseModel):
    """One domain in one month."""

    domain: str
    scorecard: str
    parties: int
    between: tuple[MoveAnswer, ...]
    warnings: tuple[str, ...]

    @classmethod
    def of(cls, moves: Moves) -> "DomainMonthAnswer":
        """The counts, from the best class on."""
        ordered = sorted(moves.between.items(), key=lambda move: (move[0][0] or "", move[0][1]))
        return cls(
            domain=moves.domain,
            scorecard=moves.scorecard,
            parties=moves.parties,
            between=tuple(
                MoveAnswer(before=before, after=after, parties=number)
                for (before, after), number in ordered
            ),
            warnings=moves.warnings,
        )


class MonthAnswer(BaseModel):
    """From the first day of the month before to the first of this."""

    first: date
    made_at: datetime
    domains: tuple[DomainMonthAnswer, ...]


class MonthsAnswer(BaseModel):
    """The monthly reports, newest first."""

    notice: str = NOTICE
    months: tuple[MonthAnswer, ...]

    @classmethod
    def of(cls, reports: Iterable[MonthReport]) -> "MonthsAnswer":
        """The reports as they are shown."""
        return cls(
            months=tuple(
                MonthAnswer(
                    first=report.first,
                    made_at=report.made_at,
                    domains=tuple(map(DomainMonthAnswer.of, report.domains)),
                )
                for report in reports
            )
        )


class IncentivesAnswer(BaseModel):
    """The incentives (信易+), by public facts and lists alone."""

    party: str
    on: date
    incentives: tuple[Enjoyment, ...]
