"""Ratings for supervision; nobody else has the scope."""

from fastapi import APIRouter, Depends

from credit.bootstrap import Credit, today
from credit.domain.scorecard import Scorecard, Scorecards
from credit.entrypoints.answers import (
    ChangeAnswer,
    ChangesAnswer,
    ClassesAnswer,
    FactsAnswer,
    RatingAnswer,
)
from credit.entrypoints.report_answers import MonthsAnswer
from credit.entrypoints.wiring import NOT_RATED, Limit, PartyKey, Service
from linkage_runtime.access import Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.sent import PlausibleDay

router = APIRouter(
    prefix="/v1",
    tags=["分类 ratings"],
    dependencies=[Depends(caller_with(Scope.READ_RATINGS))],
)


@router.get("/parties/{party}/rating")
async def rating(
    party: PartyKey,
    credit: Service,
    on: PlausibleDay | None = None,
    domain: str = Scorecards.GENERAL,
    scorecard: str | None = None,
) -> RatingAnswer:
    """A party's class in a domain as of a day: what it rests on, what will come, the ways up.

    By the scorecard in force, or by the version that is named: one that was in force that day.
    """
    card = _card(credit, domain) if scorecard is None else _version(credit, domain, scorecard)
    explained = await credit.explain(party, on or today(), card)
    if explained is None:
        raise _unknown(party)
    return RatingAnswer.of(explained)


@router.get("/parties/{party}/facts")
async def facts(party: PartyKey, credit: Service, limit: Limit = 1_000) -> FactsAnswer:
    """A party's facts, newest first."""
    known = await credit.facts_of(party)
    if not known:
        raise _unknown(party)
    return FactsAnswer.of(party, known, today(), limit, credit.scorecards.general)


@router.get("/classes")
async def classes(credit: Service, domain: str = Scorecards.GENERAL) -> ClassesAnswer:
    """How many parties stand in each class of a domain."""
    card = _card(credit, domain)
    counts = dict(await credit.class_counts(domain))
    return ClassesAnswer(scorecard=card.version, parties=sum(counts.values()), classes=counts)


@router.get("/class-changes")
async def class_changes(credit: Service, limit: Limit = 100) -> ChangesAnswer:
    """Whose general class changed last, each with its reasons."""
    newest = await credit.newest_changes(limit)
    return ChangesAnswer(changes=tuple(map(ChangeAnswer.of, newest)))


@router.get("/monthly-reports")
async def monthly_reports(credit: Service, limit: Limit = 12) -> MonthsAnswer:
    """How many parties each month moved from which class to which, domain by domain."""
    return MonthsAnswer.of(await credit.months(limit))


def _card(credit: Credit, domain: str) -> Scorecard:
    card = credit.scorecards.published.get(domain)
    if card is None:
        domains = "、".join(sorted(credit.scorecards.published))
        raise ProblemError(404, f"没有此领域的评分表，现有 (no such domain; there are): {domains}")
    return card


def _version(credit: Credit, domain: str, version: str) -> Scorecard:
    own = {card.version: card for card in credit.scorecards.cards if card.domain == domain}
    if version not in own:
        raise ProblemError(
            404, f"没有此评分表，现有 (no such scorecard; there are): {'、'.join(sorted(own))}"
        )
    return own[version]


def _unknown(party: str) -> ProblemError:
    if ":" in party:
        return ProblemError(404, NOT_RATED)
    return ProblemError(404, "没有此当事人的信用事实 (nothing is known of this party)")
