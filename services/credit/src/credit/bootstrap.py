"""Puts the service together: settings into adapters, adapters into use cases."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.mongo_ratings import MongoRatings
from credit.adapters.scorecard_files import read_scorecard
from credit.application.answer_eligibility import Eligibility, answer_eligibility
from credit.application.explain_rating import ExplainedRating, explain_rating
from credit.application.repair_credit import RepairCredit, RepairRecorded, repair_credit
from credit.domain.facts import Fact
from credit.domain.scorecard import Scorecard
from credit.ports import ClassChange
from credit.settings import CreditSettings
from linkage_contracts.codes import RiskClass
from linkage_runtime.access import ApiKeys
from linkage_runtime.clock import day_of, now
from linkage_runtime.mongo import connect, database, transient_errors
from linkage_runtime.probes import Check
from linkage_runtime.publisher import KafkaPublisher


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What this service keeps in MongoDB, and whether MongoDB answers."""

    client: AsyncIOMotorClient[dict[str, Any]]
    facts: MongoFacts
    ratings: MongoRatings
    api_keys: ApiKeys

    async def answer(self) -> bool:
        """A readiness check."""
        with transient_errors():
            await self.client.admin.command("ping")
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """What the API can do, and what it must close."""

    explain: Callable[[str, date], Awaitable[ExplainedRating | None]]
    facts_of: Callable[[str], Awaitable[tuple[Fact, ...]]]
    eligibility: Callable[[str, date], Awaitable[Eligibility]]
    repair: Callable[[RepairCredit], Awaitable[RepairRecorded]]
    class_counts: Callable[[], Awaitable[Mapping[RiskClass, int]]]
    newest_changes: Callable[[int], Awaitable[tuple[ClassChange, ...]]]
    scorecard: Scorecard
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
        api_keys=ApiKeys(database(client, "linkage_access")["api_keys"]),
    )


def build_credit(settings: CreditSettings) -> Credit:
    """What the API process needs."""
    stores, publisher = open_stores(settings), KafkaPublisher(settings.kafka, settings.kafka_access)
    scorecard = read_scorecard(settings.scorecard)

    async def repair(command: RepairCredit) -> RepairRecorded:
        return await repair_credit(command, facts=stores.facts, publisher=publisher, at=now())

    async def close() -> None:
        await publisher.close()
        stores.client.close()

    return Credit(
        explain=partial(
            explain_rating, facts=stores.facts, ratings=stores.ratings, scorecard=scorecard
        ),
        facts_of=stores.facts.of_party,
        eligibility=partial(answer_eligibility, facts=stores.facts),
        repair=repair,
        class_counts=stores.ratings.class_counts,
        newest_changes=stores.ratings.newest_changes,
        scorecard=scorecard,
        api_keys=stores.api_keys,
        checks={"mongo": stores.answer},
        close=close,
    )


def today() -> date:
    """The day in China, as the API answers for it."""
    return day_of(now())
