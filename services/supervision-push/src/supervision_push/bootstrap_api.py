"""Puts the API together: routes of pushes, the pool, feeds, subscriptions and results."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter

from linkage_contracts.parties import SealedPerson
from linkage_runtime.clock import now
from linkage_runtime.personal_data import PersonalData, PersonalVault
from supervision_push.adapters.feeds.feed_metrics import declare_feed_metrics
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.adapters.feeds.http_events import OpenStreams, events_router
from supervision_push.adapters.feeds.http_feeds import Reads, feeds_router
from supervision_push.adapters.feeds.http_fetches import fetches_router
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog, MongoPullPositions
from supervision_push.adapters.feeds.mongo_feed_search import MongoFeedSearch
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.notices.http_liaisons import liaisons_router
from supervision_push.adapters.notices.mongo_notices import MongoNotices
from supervision_push.adapters.pushes.http_push import one_push_router
from supervision_push.adapters.pushes.http_pushes import (
    PushActs,
    acts_router,
    overview_router,
    views_router,
)
from supervision_push.adapters.pushes.http_reports import reports_router
from supervision_push.adapters.pushes.mongo_pushed_decisions import MongoPushedDecisions
from supervision_push.adapters.pushes.push_metrics import counted
from supervision_push.adapters.pushes.push_views import PushViews
from supervision_push.adapters.results.http_results import Records, results_router
from supervision_push.adapters.results.mongo_results import MongoResultBook
from supervision_push.adapters.sheets.http_sheets import sheets_router
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.claim_pool import ClaimPool, claim_pool
from supervision_push.application.enrol_parties import EnrolParties, enrol_parties
from supervision_push.application.feed_back import FeedBack, feed_back
from supervision_push.application.name_liaisons import name_liaisons
from supervision_push.application.read_feed import read_feed
from supervision_push.application.read_subscription import FetchPorts
from supervision_push.application.record_receipts import RecordReceipts, record_receipts
from supervision_push.application.record_result import record_results
from supervision_push.application.result_ports import SealParties
from supervision_push.application.return_pushes import ReturnPushes, return_pushes
from supervision_push.bootstrap import books_of, schedule_of
from supervision_push.bootstrap_deliveries import deliveries_into
from supervision_push.bootstrap_notices import notifiers_of
from supervision_push.bootstrap_subscriptions import subscription_routers
from supervision_push.domain.submitted_result import SubmittedParty
from supervision_push.wiring import Wiring


def push_routers(wiring: Wiring) -> list[APIRouter]:
    """``/v1/pushes``, ``/v1/pool``, ``/v1/summary`` and ``/v1/reports``."""
    views, acts = PushViews(wiring.database, wiring.catalogues), _acts(wiring)
    return [
        acts_router(acts, now),
        one_push_router(acts, now),
        # Before the views: /v1/pushes.xlsx is no push's id.
        sheets_router(views, acts.of_sheets, wiring.catalogues, now),
        views_router(views),
        overview_router(views),
        reports_router(wiring.database["pushes"], wiring.catalogues, now),
    ]


def _acts(wiring: Wiring) -> PushActs:
    books, schedule, catalogues = books_of(wiring), schedule_of(wiring), wiring.catalogues

    async def receive(command: RecordReceipts, actor: Actor) -> Outcome:
        return counted(await record_receipts(command, actor=actor, pushes=books.pushes))

    async def return_(command: ReturnPushes, actor: Actor) -> Outcome:
        returning = return_pushes(
            command, actor=actor, books=books, catalogues=catalogues, schedule=schedule
        )
        return counted(await returning)

    async def enrol(command: EnrolParties, actor: Actor) -> Outcome:
        return counted(await enrol_parties(command, actor=actor, pushes=books.pushes))

    async def feed(command: FeedBack, actor: Actor) -> Outcome:
        return counted(await feed_back(command, actor=actor, pushes=books.pushes))

    async def claim(command: ClaimPool, actor: Actor) -> Outcome:
        claiming = claim_pool(
            command, actor=actor, books=books, catalogues=catalogues, schedule=schedule
        )
        return counted(await claiming)

    return PushActs(receive=receive, return_=return_, enrol=enrol, feed_back=feed, claim=claim)


def feed_routers(wiring: Wiring) -> list[APIRouter]:
    """``/v1/feeds``, ``/v1/subscriptions`` and ``/v1/results``."""
    declare_feed_metrics()
    watermarks = MongoWatermarks(wiring.database)
    read = _reading(wiring, watermarks)
    streams = OpenStreams(wiring.settings.streams_per_organisation)
    return [
        feeds_router(read),
        events_router(read, streams),
        fetches_router(_fetching(wiring, watermarks), streams),
        _liaisons(wiring, watermarks),
        *subscription_routers(wiring, watermarks),
        results_router(_recording(wiring)),
    ]


def _liaisons(wiring: Wiring, watermarks: MongoWatermarks) -> APIRouter:
    readers = MongoNotices(wiring.database)
    name = partial(
        name_liaisons,
        readers=readers,
        watermarks=watermarks,
        partition_of=partial(partition_of, partitions=wiring.settings.partitions),
    )
    return liaisons_router(name, readers, notifiers_of(wiring.settings).keys())


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


def _fetching(wiring: Wiring, watermarks: MongoWatermarks) -> FetchPorts:
    return FetchPorts(
        subscriptions=MongoSubscriptions(wiring.database),
        feed=MongoFeedLog(wiring.database),
        search=MongoFeedSearch(wiring.database),
        watermarks=watermarks,
        record_deliveries=deliveries_into(wiring),
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


def _sealing(vault: PersonalVault) -> SealParties:
    async def seal(parties: Sequence[SubmittedParty]) -> list[SealedPerson]:
        return await vault.seal(
            [
                PersonalData(name=one.name, id_type=one.id_type, id_number=one.id_number)
                for one in parties
            ]
        )

    return seal
