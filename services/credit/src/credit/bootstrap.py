"""Puts the service together: settings into adapters, adapters into use cases."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from credit.adapters.mongo_acts import MongoActs
from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.mongo_ratings import MongoRatings
from credit.adapters.scorecard_files import read_lists, read_measures
from credit.application.acting import ActRecorded
from credit.application.amend_facts import correct_fact, withdraw_fact
from credit.application.answer_eligibility import Eligibility, Question, answer_eligibility
from credit.application.explain_rating import ExplainedRating, explain_rating
from credit.application.handle_objections import decide_objection, raise_objection
from credit.application.keep_lists import enter_list, leave_list
from credit.application.record_overdue import record_overdue
from credit.application.repair_credit import apply_for_repair, decide_repair
from credit.application.show_repairs import RepairCase, show_repairs
from credit.domain.facts import Fact
from credit.domain.lists import Lists
from credit.domain.scorecard import Scorecard, Scorecards
from credit.ports import ActLedger, FactLedger, Publisher
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

Acting = Callable[[Any], Awaitable[ActRecorded]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What this service keeps in MongoDB."""

    client: AsyncIOMotorClient[dict[str, Any]]
    facts: MongoFacts
    ratings: MongoRatings
    acts: MongoActs
    api_keys: ApiKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """The acts on credit facts: each takes its command and puts it on the log."""

    withdraw: Acting
    correct: Acting
    raise_objection: Acting
    decide_objection: Acting
    enter_list: Acting
    leave_list: Acting
    record_overdue: Acting
    apply_for_repair: Acting
    decide_repair: Acting


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What the API can do, and what it must close."""

    explain: Callable[[str, date, Scorecard], Awaitable[ExplainedRating | None]]
    facts_of: Callable[[str], Awaitable[tuple[Fact, ...]]]
    eligibility: Callable[[Sequence[Question]], Awaitable[tuple[Eligibility, ...]]]
    acts: Acts
    repairs_of: Callable[[str], Awaitable[tuple[RepairCase, ...]]]
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
        api_keys=ApiKeys(database(client, "linkage_access")["api_keys"]),
    )


def build_credit(settings: CreditSettings) -> Credit:
    """What the API process needs."""
    stores, publisher = open_stores(settings), KafkaPublisher(settings.kafka, settings.kafka_access)
    measures, lists = read_measures(settings.scorecards), read_lists(settings.scorecards)
    scorecards = measures.scorecards
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
        acts=build_acts(stores.facts, stores.acts, publisher, scorecards.general, lists),
        repairs_of=partial(show_repairs, acts=stores.acts),
        class_counts=stores.ratings.class_counts,
        newest_changes=stores.ratings.newest_changes,
        scorecards=scorecards,
        api_keys=stores.api_keys,
        checks={"mongo": primary_answers(stores.client)},
        close=close,
    )


def build_acts(
    facts: FactLedger, acts: ActLedger, publisher: Publisher, general: Scorecard, lists: Lists
) -> Acts:
    """Every act over these stores, at the time that it is asked for."""

    def acting(use_case: Callable[..., Awaitable[ActRecorded]], **more: object) -> Acting:
        async def do(command: object) -> ActRecorded:
            return await use_case(command, facts=facts, publisher=publisher, at=now(), **more)

        return do

    return Acts(
        withdraw=acting(withdraw_fact),
        correct=acting(correct_fact),
        raise_objection=acting(raise_objection),
        decide_objection=acting(decide_objection),
        enter_list=acting(enter_list, lists=lists),
        leave_list=acting(leave_list),
        record_overdue=acting(record_overdue),
        apply_for_repair=acting(apply_for_repair, scorecard=general),
        decide_repair=acting(decide_repair, acts=acts),
    )


def today() -> date:
    """The day in China, as the API answers for it."""
    return day_of(now())
