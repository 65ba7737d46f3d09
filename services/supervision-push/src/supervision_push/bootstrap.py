"""Puts the life of a push together: connections, use cases and streams.

``bootstrap_feeds`` does the same for feeds, ``bootstrap_api`` puts the routes of both together, and
so on: each process imports what it runs and no more.
"""

from collections.abc import Coroutine, Sequence
from datetime import datetime, timedelta
from functools import partial

from linkage_contracts.topics import DECISIONS, RATINGS, Topic
from linkage_runtime.access import ApiKeys
from linkage_runtime.catalogue_store import MongoCatalogues
from linkage_runtime.clock import now
from linkage_runtime.mongo import connect, database
from linkage_runtime.outbox import Outbox
from linkage_runtime.personal_data import PersonalVault
from linkage_runtime.places import PLACES, declare_act_places
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.repeat import repeat
from linkage_runtime.settlement import Handle
from linkage_runtime.working_days import WorkCalendar
from supervision_push.adapters.deadlines.clock_metrics import declare_ended
from supervision_push.adapters.deadlines.mongo_rounds import MongoRounds
from supervision_push.adapters.deadlines.mongo_supplements import MongoSupplements
from supervision_push.adapters.push_streams import decision_handler, rating_handler
from supervision_push.adapters.pushes.mongo_pool import MongoPool
from supervision_push.adapters.pushes.mongo_pushes import MongoPushes
from supervision_push.adapters.pushes.mongo_ratings import MongoRatings
from supervision_push.adapters.pushes.mongo_recalls import MongoRecalls
from supervision_push.adapters.pushes.push_metrics import ACTS_OF_ITEMS, declare_push_metrics
from supervision_push.application.keep_classes import keep_classes
from supervision_push.application.open_pushes import Routed, open_pushes
from supervision_push.application.open_supplements import open_supplements
from supervision_push.application.plan_pushes import Arrived
from supervision_push.application.ports import Books
from supervision_push.application.watch_findings import watch_findings
from supervision_push.domain.terms import Schedule
from supervision_push.settings import Settings
from supervision_push.wiring import Wiring

DECLARE_EVERY = timedelta(minutes=5)
"""How soon a new catalogue's authorities are counted from 0."""


def wire(settings: Settings) -> Wiring:
    """Connect lazily: a process starts, and says that it is not ready, while a store is away."""
    client = connect(settings.mongo.get_secret_value())
    own, access = database(client, "supervision_push"), database(client, "linkage_access")
    publisher = KafkaPublisher(settings.kafka, settings.kafka_access)
    declare_push_metrics()
    return Wiring(
        settings=settings,
        client=client,
        database=own,
        publisher=publisher,
        catalogues=MongoCatalogues(database(client, "linkage_reference")["catalogues"]),
        api_keys=ApiKeys(access["api_keys"]),
        vault=PersonalVault(access["personal_keys"], settings.master),
        calendar=WorkCalendar.load(settings.calendar_dir),
        outbox=Outbox(own["pushes"], publisher),
        pool_outbox=Outbox(own["pool"], publisher),
    )


async def unwire(wiring: Wiring) -> None:
    """Send what is on its way, and disconnect."""
    await wiring.publisher.close()
    wiring.client.close()


def declaring(wiring: Wiring, acts: Sequence[str]) -> Coroutine[None, None, None]:
    """Creates what a catalogue names at 0: its authorities, and its places for these acts."""

    async def act() -> bool:
        catalogue = await wiring.catalogues.in_force()
        PLACES.learn(catalogue)
        declare_ended(catalogue.authorities)
        declare_act_places(acts, of_items=ACTS_OF_ITEMS)
        return False

    return repeat("declare authorities", act, every=DECLARE_EVERY)


def books_of(wiring: Wiring) -> Books:
    """The collections in which pushes live."""
    own = wiring.database
    return Books(
        pushes=MongoPushes(own["pushes"], own["deliveries"], own["pool"], wiring.outbox),
        pool=MongoPool(own["pool"], wiring.pool_outbox),
        recalls=MongoRecalls(own["recalls"]),
        classes=MongoRatings(own["ratings"]),
    )


def schedule_of(wiring: Wiring) -> Schedule:
    """By what the clocks of a push are set."""
    return Schedule(terms=wiring.settings.terms, calendar=wiring.calendar)


def push_handlers(wiring: Wiring) -> dict[Topic, Handle]:
    """What the worker does with decisions and ratings."""
    books, findings = books_of(wiring), MongoRounds(wiring.database["findings"])

    supplements = MongoSupplements(wiring.database)

    async def route(arrived: Sequence[Arrived], at: datetime) -> Routed:
        await watch_findings(
            [one.event for one in arrived], findings=findings, schedule=schedule_of(wiring)
        )
        routed = await open_pushes(
            arrived,
            at=at,
            books=books,
            catalogues=wiring.catalogues,
            publisher=wiring.publisher,
            schedule=schedule_of(wiring),
        )
        # After the tombstones of this batch were written.
        await open_supplements(
            arrived,
            supplements=supplements,
            recalls=books.recalls,
            catalogues=wiring.catalogues,
            schedule=schedule_of(wiring),
        )
        return routed

    keep = partial(keep_classes, classes=MongoRatings(wiring.database["ratings"]))
    return {DECISIONS: decision_handler(route, now), RATINGS: rating_handler(keep)}


async def create_push_indexes(wiring: Wiring) -> None:
    """Idempotent."""
    own = wiring.database
    await MongoPushes(own["pushes"], own["deliveries"], own["pool"], wiring.outbox).create_indexes()
    await MongoPool(own["pool"], wiring.pool_outbox).create_indexes()
    await MongoSupplements(own).create_indexes()
