"""Puts the service together: settings into adapters, adapters into use cases."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from credit.adapters.mongo_acts import MongoActs
from credit.adapters.mongo_cases import MongoCases
from credit.adapters.mongo_draws import MongoDraws
from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.mongo_months import MongoMonths
from credit.adapters.mongo_ratings import MongoRatings
from credit.adapters.mongo_versions import MongoVersions
from credit.adapters.scorecard_files import (
    read_incentives,
    read_lists,
    read_measures,
    read_sampling_plan,
)
from credit.application.answer_eligibility import Eligibility, Question, answer_eligibility
from credit.application.draw_up_list import DrawnUp, draw_up_list
from credit.application.explain_rating import ExplainedRating, explain_rating
from credit.application.list_cases import ListCases, list_cases
from credit.application.report_month import MonthReport
from credit.application.show_incentives import show_incentives
from credit.application.show_repairs import CaseStory, RepairCase, show_case, show_repairs
from credit.bootstrap_acts import Acts, Draws, build_acts, build_draws
from credit.domain.cases import Case, CaseKind, CaseTerms
from credit.domain.facts import Fact
from credit.domain.incentives import Enjoyment
from credit.domain.scorecard import Scorecard, Scorecards
from credit.settings import CreditSettings
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Rating
from linkage_runtime.access import ApiKeys
from linkage_runtime.cached_catalogues import CachedCatalogues
from linkage_runtime.catalogue_store import MongoCatalogues
from linkage_runtime.clock import day_of, now
from linkage_runtime.mongo import connect, database
from linkage_runtime.probes import Check, primary_answers
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.working_days import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What this service keeps in MongoDB."""

    client: AsyncIOMotorClient[dict[str, Any]]
    facts: MongoFacts
    ratings: MongoRatings
    acts: MongoActs
    cases: MongoCases
    draws: MongoDraws
    months: MongoMonths
    versions: MongoVersions
    api_keys: ApiKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What the API can do, and what it must close."""

    explain: Callable[[str, date, Scorecard], Awaitable[ExplainedRating | None]]
    facts_of: Callable[[str], Awaitable[tuple[Fact, ...]]]
    eligibility: Callable[[Sequence[Question]], Awaitable[tuple[Eligibility, ...]]]
    incentives: Callable[[str, date], Awaitable[tuple[Enjoyment, ...]]]
    acts: Acts
    draws: Draws
    months: Callable[[int], Awaitable[Sequence[MonthReport]]]
    repairs_of: Callable[[str], Awaitable[tuple[RepairCase, ...]]]
    cases: Callable[[ListCases], Awaitable[tuple[Sequence[Case], str | None]]]
    case: Callable[[str], Awaitable[CaseStory | None]]
    terms: CaseTerms
    list_as_of: Callable[..., Awaitable[DrawnUp]]
    class_counts: Callable[[str], Awaitable[Mapping[RiskClass, int]]]
    newest_changes: Callable[[int], Awaitable[tuple[Rating, ...]]]
    scorecards: Scorecards
    api_keys: ApiKeys
    checks: Mapping[str, Check]
    close: Callable[[], Awaitable[None]]


def open_stores(settings: CreditSettings) -> Stores:
    """Connect lazily: nothing is asked of MongoDB yet."""
    client = connect(settings.mongo.get_secret_value())
    credit = database(client, "credit")
    return Stores(
        client=client,
        facts=MongoFacts(credit["facts"]),
        ratings=MongoRatings(credit["ratings"]),
        acts=MongoActs(credit["acts"]),
        cases=MongoCases(credit["cases"]),
        draws=MongoDraws(credit["draws"], credit["draw_populations"]),
        months=MongoMonths(credit["months"]),
        versions=MongoVersions(credit["versions"]),
        api_keys=ApiKeys(database(client, "linkage_access")["api_keys"]),
    )


def build_credit(settings: CreditSettings) -> Credit:
    """What the API process needs."""
    stores, publisher = open_stores(settings), KafkaPublisher(settings.kafka, settings.kafka_access)
    measures, lists = read_measures(settings.scorecards), read_lists(settings.scorecards)
    scorecards, terms = measures.scorecards, terms_of(settings)
    reference = database(stores.client, "linkage_reference")

    async def close() -> None:
        await publisher.close()
        stores.client.close()

    return Credit(
        explain=partial(explain_rating, facts=stores.facts, measures=measures),
        facts_of=stores.facts.of_party,
        eligibility=partial(
            answer_eligibility,
            facts=stores.facts,
            bars=measures.bars,
            catalogues=CachedCatalogues(MongoCatalogues(reference["catalogues"])),
        ),
        incentives=partial(
            show_incentives,
            facts=stores.facts,
            incentives=read_incentives(settings.scorecards),
            seriousness_of=scorecards.general.seriousness_of,
        ),
        acts=build_acts(stores.facts, stores.acts, publisher, scorecards.general, lists),
        draws=build_draws(
            stores.facts, stores.draws, scorecards, read_sampling_plan(settings.scorecards)
        ),
        months=stores.months.newest,
        repairs_of=partial(show_repairs, acts=stores.acts),
        cases=partial(list_cases, cases=stores.cases, terms=terms),
        case=partial(show_case, acts=stores.acts, cases=stores.cases),
        terms=terms,
        list_as_of=partial(draw_up_list, lists=lists, facts=stores.facts, acts=stores.acts),
        class_counts=stores.ratings.class_counts,
        newest_changes=stores.ratings.newest_changes,
        scorecards=scorecards,
        api_keys=stores.api_keys,
        checks={"mongo": primary_answers(stores.client)},
        close=close,
    )


def terms_of(settings: CreditSettings) -> CaseTerms:
    """By when a case is to be decided: the terms by which the other side lets its clock run."""
    return CaseTerms(
        calendar=WorkCalendar.load(settings.calendar_dir),
        working_days={
            CaseKind.REPAIR: settings.repair_decision_working_days,
            CaseKind.OBJECTION: settings.objection_answer_working_days,
        },
    )


def today() -> date:
    """The day in China, as the API answers for it."""
    return day_of(now())
