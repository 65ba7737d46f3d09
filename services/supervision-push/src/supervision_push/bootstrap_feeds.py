"""Puts the feed half together: its routes, its stream handlers, its indexes."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter

from linkage_contracts.feeds import PushOpenedEntry
from linkage_contracts.parties import SealedPerson
from linkage_contracts.topics import ACTIONS, FEEDS, RESULTS, Topic
from linkage_runtime.clock import now
from linkage_runtime.mongo import Database
from linkage_runtime.personal_data import PersonalData, PersonalVault
from linkage_runtime.settlement import Handle, Message
from supervision_push.adapters.endpoint_addresses import AllowedAddresses
from supervision_push.adapters.feed_metrics import count_entries, declare_feed_metrics
from supervision_push.adapters.feed_partition import partition_of
from supervision_push.adapters.feed_topics import KafkaFeedTopics
from supervision_push.adapters.http_feeds import Reads, feeds_router
from supervision_push.adapters.http_results import Records, results_router
from supervision_push.adapters.http_subscriptions import Subscribes, subscriptions_router
from supervision_push.adapters.mongo_feed import MongoFeedLog, MongoPullPositions, number_feeds
from supervision_push.adapters.mongo_pushed_decisions import MongoPushedDecisions
from supervision_push.adapters.mongo_results import MongoResultBook
from supervision_push.adapters.mongo_subscriptions import MongoSubscriptions
from supervision_push.adapters.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.sealed_secrets import SealedSecrets
from supervision_push.application.forward_actions import forward_actions
from supervision_push.application.forward_results import FoundResult, forward_results
from supervision_push.application.read_feed import read_feed
from supervision_push.application.record_result import record_results
from supervision_push.application.result_ports import SealParties
from supervision_push.application.subscribe import subscribe
from supervision_push.application.write_feed import write_feed
from supervision_push.bootstrap_deliveries import deliveries_into
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.submitted_result import SubmittedParty
from supervision_push.wiring import Wiring


async def create_feed_indexes(database: Database) -> None:
    """Make the indexes of feeds, subscriptions and results, and number the feeds; repeatable."""
    await MongoFeedLog(database).create_index()
    await number_feeds(database)
    await MongoSubscriptions(database).create_index()
    await MongoResultBook(database).create_indexes()


def feed_routers(wiring: Wiring) -> list[APIRouter]:
    """``/v1/feeds``, ``/v1/subscriptions`` and ``/v1/results``."""
    declare_feed_metrics()
    watermarks = MongoWatermarks(wiring.database)
    return [
        feeds_router(_reading(wiring, watermarks)),
        subscriptions_router(_subscribing(wiring, watermarks), MongoSubscriptions(wiring.database)),
        results_router(_recording(wiring)),
    ]


def _reading(wiring: Wiring, watermarks: MongoWatermarks) -> Reads:
    return partial(
        read_feed,
        feed=MongoFeedLog(wiring.database),
        watermarks=watermarks,
        positions=MongoPullPositions(wiring.database),
        record_deliveries=deliveries_into(wiring),
        partition_of=partial(partition_of, partitions=wiring.settings.partitions),
        clock=now,
    )


def _subscribing(wiring: Wiring, watermarks: MongoWatermarks) -> Subscribes:
    return partial(
        subscribe,
        subscriptions=MongoSubscriptions(wiring.database),
        watermarks=watermarks,
        check_endpoint=AllowedAddresses(wiring.settings.webhook_networks).check_endpoint,
        create_topic=KafkaFeedTopics(wiring.settings.kafka).create,
        seal=SealedSecrets(wiring.settings.master).seal,
        partition_of=partial(partition_of, partitions=wiring.settings.partitions),
        clock=now,
    )


def _recording(wiring: Wiring) -> Records:
    return partial(
        record_results,
        pushes=MongoPushedDecisions(wiring.database),
        results=MongoResultBook(wiring.database),
        catalogues=wiring.catalogues,
        seal=_sealing(wiring.vault),
        publish=wiring.publisher,
        clock=now,
    )


def feed_handlers(wiring: Wiring) -> dict[Topic, Handle]:
    """What the worker does with feeds, results and actions."""
    declare_feed_metrics()
    feed, results = MongoFeedLog(wiring.database), MongoResultBook(wiring.database)

    async def write(messages: Sequence[Message]) -> None:
        known = await write_feed([_stored(message) for message in messages], feed=feed)
        count_entries((message.event for message in messages), known)

    async def results_in(messages: Sequence[Message]) -> None:
        await forward_results(
            [FoundResult(event=one.event, body=one.record.body or b"") for one in messages],
            results=results,
            publish=wiring.publisher,
            terms=wiring.settings.terms,
            calendar=wiring.calendar,
            clock=now,
        )

    async def actions_in(messages: Sequence[Message]) -> None:
        await forward_actions(
            [message.event for message in messages],
            results=results,
            catalogues=wiring.catalogues,
            publish=wiring.publisher,
            clock=now,
        )

    return {FEEDS: write, RESULTS: results_in, ACTIONS: actions_in}


def _stored(message: Message) -> StoredEntry:
    event, record = message.event, message.record
    return StoredEntry(
        id=event.id,
        recipient=event.partitionkey,
        partition=record.partition,
        offset=record.offset,
        party=event.party,
        type=event.type,
        body=record.body or b"",
        push_id=event.data.push_id if isinstance(event, PushOpenedEntry) else None,
    )


def _sealing(vault: PersonalVault) -> SealParties:
    async def seal(parties: Sequence[SubmittedParty]) -> list[SealedPerson]:
        return await vault.seal(
            [
                PersonalData(name=one.name, id_type=one.id_type, id_number=one.id_number)
                for one in parties
            ]
        )

    return seal
