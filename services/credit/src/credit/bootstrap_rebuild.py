"""Which read models of credit the log alone makes, and how they are made again.

Facts and acts are. A rating is a pure function of a party's facts and the day, so it is made again
and compared; the one that serves stays, for it was told, and whoever is rated otherwise now is
rated again, and that is told too.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClient

from credit.adapters.mongo_acts import MongoActs
from credit.adapters.mongo_cases import MongoCases
from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.mongo_ratings import MongoRatings
from credit.adapters.scorecard_files import read_measures
from credit.application.gather_facts import gather_facts
from credit.application.rate_parties import rate_parties
from credit.bootstrap_worker import READER, TOPICS_READ
from credit.domain.current import Measures
from credit.settings import CreditSettings
from linkage_contracts.topics import Topic
from linkage_runtime.clock import now
from linkage_runtime.mongo import Database, database
from linkage_runtime.publisher import KafkaPublisher, Publisher
from linkage_runtime.rebuild.parts import Model, NobodyTold, Rebuilding
from linkage_runtime.settlement import Handle, Message

RATED_AT_ONCE = 500


def rebuilding(
    client: AsyncIOMotorClient[dict[str, Any]], settings: CreditSettings, publisher: KafkaPublisher
) -> Rebuilding:
    """All of credit."""
    measures = read_measures(settings.scorecards)

    async def rate_silently(own: Database) -> None:
        await rate_everybody(own, cast("Publisher", NobodyTold()), measures)

    async def rate_again(own: Database) -> None:
        await rate_everybody(own, publisher, measures)

    return Rebuilding(
        service=READER,
        database=database(client, "credit"),
        models={
            "facts": Model(),
            "acts": Model(),
            "cases": Model(),
            "ratings": Model(beside=frozenset({"rank"}), switched=False),
        },
        handlers=_handlers,
        create_indexes=_create_indexes,
        finish=rate_silently,
        settle=rate_again,
        kept=("draws", "draw_populations", "months", "versions"),
    )


async def rate_everybody(own: Database, publisher: Publisher, measures: Measures) -> None:
    """Rate every party that has a fact, some at a time."""
    facts, ratings = MongoFacts(own["facts"]), MongoRatings(own["ratings"])
    parties: list[str] = []
    async for some in facts.by_party():
        parties.append(some[0].party)
        if len(parties) == RATED_AT_ONCE:
            await _rate(parties, facts, ratings, publisher, measures)
            parties = []
    await _rate(parties, facts, ratings, publisher, measures)


async def _rate(
    parties: Sequence[str],
    facts: MongoFacts,
    ratings: MongoRatings,
    publisher: Publisher,
    measures: Measures,
) -> None:
    await rate_parties(
        parties, facts=facts, ratings=ratings, publisher=publisher, measures=measures, at=now()
    )


def _handlers(own: Database) -> Mapping[Topic, Handle]:
    facts, acts, cases = (
        *(MongoFacts(own["facts"]), MongoActs(own["acts"])),
        MongoCases(own["cases"]),
    )

    async def gather(messages: Sequence[Message]) -> None:
        events = [message.event for message in messages]
        await gather_facts(events, facts=facts, acts=acts, cases=cases)

    return dict.fromkeys(TOPICS_READ, gather)


async def _create_indexes(own: Database) -> None:
    await MongoFacts(own["facts"]).create_indexes()
    await MongoActs(own["acts"]).create_indexes()
    await MongoCases(own["cases"]).create_indexes()
    await MongoRatings(own["ratings"]).create_indexes()
