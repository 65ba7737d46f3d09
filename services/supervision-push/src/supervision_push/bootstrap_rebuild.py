"""Which read models of this service the log makes, and how they are made again.

Feeds, tombstones and classes by the worker's own handlers; pushes and the pool from what was told
of them (``restore_pushes``), because acts are admitted here first and told then. Taken over from
the old documents, for no event tells it: the clocks as they were moved and told, who claimed and
why, when an entry was stored. What is kept untouched is named in ``kept``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_contracts.topics import (
    DECISIONS,
    FEEDS,
    PROGRESS,
    RATINGS,
    Topic,
)
from linkage_runtime.clock import now
from linkage_runtime.mongo import Collection, Database, database
from linkage_runtime.outbox import Outbox
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.rebuild.fresh import fresh
from linkage_runtime.rebuild.parts import Model, NobodyTold, Rebuilding
from linkage_runtime.settlement import Handle, Message
from supervision_push.adapters.deadlines.clock_documents import CLOCK_FIELDS
from supervision_push.adapters.deadlines.mongo_rounds import MongoRounds
from supervision_push.adapters.feeds.feed_outlines import stored_entry
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.adapters.push_streams import rating_handler
from supervision_push.adapters.pushes.mongo_pool import MongoPool
from supervision_push.adapters.pushes.mongo_ratings import MongoRatings
from supervision_push.adapters.pushes.mongo_recalls import MongoRecalls
from supervision_push.adapters.pushes.mongo_retellings import MongoRetellings
from supervision_push.application.keep_classes import keep_classes
from supervision_push.application.restore_pool import note_progress, restore_claims
from supervision_push.application.restore_ports import RestorePorts
from supervision_push.application.restore_pushes import restore_pushes
from supervision_push.application.watch_findings import watch_findings
from supervision_push.application.write_feed import write_feed
from supervision_push.bootstrap import books_of, create_push_indexes, schedule_of, wire
from supervision_push.bootstrap_deadlines import create_clock_indexes
from supervision_push.bootstrap_feeds import create_feed_indexes, outcome_handlers
from supervision_push.domain.ending import ending_of
from supervision_push.settings import Settings
from supervision_push.wiring import Wiring

SERVICE = "supervision-push"
WRITTEN_AT_ONCE = 500
_COUNTED = frozenset({"revision"})
_BESIDE_PUSHES = frozenset({"finish_at", "delivery"})
"""A delivery stands on its push if it moved it, else among ``deliveries``: of a receipt and a
delivery at one moment either may have come first. The books compare deliveries by push."""


def rebuilding(
    client: AsyncIOMotorClient[dict[str, Any]], settings: Settings, publisher: KafkaPublisher
) -> Rebuilding:
    """Everything that the log tells."""
    own, nobody = database(client, "supervision_push"), cast("KafkaPublisher", NobodyTold())
    silent = replace(wire(settings), publisher=nobody)
    retellings = MongoRetellings(fresh(own))

    async def sweep(old: Collection) -> object:
        return await Outbox(old, publisher).empty()

    async def write(into: Database) -> None:
        ports = _restoring(_over(silent, into), retellings)
        while await restore_pushes(WRITTEN_AT_ONCE, ports=ports):
            pass
        while await restore_claims(WRITTEN_AT_ONCE, ports=ports):
            pass

    async def indexes(into: Database) -> None:
        await _create_indexes(_over(silent, into))
        await retellings.create_indexes()

    acted_on = partial(Model, beside=_COUNTED, sweep=sweep)
    return Rebuilding(
        service=SERVICE,
        database=own,
        models={
            "feed_entries": Model(carried=(frozenset({"stored_at"}),)),
            "feed_recipients": Model(),
            "recalls": Model(),
            "ratings": Model(),
            "pushes": acted_on(beside=_COUNTED | _BESIDE_PUSHES, carried=(CLOCK_FIELDS,)),
            "pool": acted_on(carried=(frozenset({"claim", "finish_at", "opening"}),)),
            "results": acted_on(carried=(CLOCK_FIELDS,)),
            "result_conflicts": Model(),
            "findings": acted_on(carried=(CLOCK_FIELDS,)),
            "breaches": acted_on(carried=(CLOCK_FIELDS,)),
            "cases": acted_on(carried=(CLOCK_FIELDS,)),
            # Grouped otherwise than they were: the earliest of a push is its delivery in both.
            "deliveries": Model(is_compared=False),
        },
        handlers=lambda into: _handlers(_over(silent, into), retellings),
        create_indexes=indexes,
        finish=write,
        settle=write,
        kept=(
            *("subscriptions", "shares", "pull_positions", "liaisons", "replays", "watermarks"),
            *("supplements", "supplements_settled", "escalations"),
        ),
    )


def _over(wiring: Wiring, into: Database) -> Wiring:
    """The same wiring over other collections."""
    return replace(
        wiring,
        database=into,
        outbox=Outbox(into["pushes"], wiring.publisher),
        pool_outbox=Outbox(into["pool"], wiring.publisher),
    )


def _restoring(wiring: Wiring, retellings: MongoRetellings) -> RestorePorts:
    return RestorePorts(
        retellings=retellings,
        books=books_of(wiring),
        claims=MongoPool(wiring.database["pool"], wiring.pool_outbox),
        catalogues=wiring.catalogues,
        schedule=schedule_of(wiring),
    )


def _handlers(wiring: Wiring, retellings: MongoRetellings) -> Mapping[Topic, Handle]:
    own, books, schedule = wiring.database, books_of(wiring), schedule_of(wiring)
    feed = MongoFeedLog(own)
    # A suspicion older than its clock would be overdue the moment that the clock is made.
    at = now()
    findings, recalls = MongoRounds(own["findings"], at), MongoRecalls(own["recalls"])

    async def decided(messages: Sequence[Message]) -> None:
        events = [one.event for one in messages]
        await retellings.decisions([(one.event, one.record.body or b"") for one in messages])
        await watch_findings(events, findings=findings, schedule=schedule)
        await recalls.put([ending for event in events if (ending := ending_of(event))])

    async def progressed(messages: Sequence[Message]) -> None:
        await note_progress([one.event for one in messages], retellings=retellings, books=books)

    async def told(messages: Sequence[Message]) -> None:
        entries = [stored_entry(one.event, one.record) for one in messages]
        at = {one.event.id: one.event.recordedtime for one in messages}
        await write_feed([replace(one, stored_at=at[one.id]) for one in entries], feed=feed)

    return {
        DECISIONS: decided,
        **outcome_handlers(wiring, told_until=at),
        PROGRESS: progressed,
        FEEDS: told,
        RATINGS: rating_handler(partial(keep_classes, classes=MongoRatings(own["ratings"]))),
    }


async def _create_indexes(wiring: Wiring) -> None:
    await create_push_indexes(wiring)
    await create_feed_indexes(wiring.database)
    await create_clock_indexes(wiring)
