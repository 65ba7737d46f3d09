"""Puts the stream worker together, with its probes and its gauge of classes."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

import faust
import structlog

from credit.adapters.log_handler import LogHandler
from credit.adapters.metrics import declare_metrics, show_classes
from credit.adapters.scorecard_files import read_measures
from credit.application.gather_facts import gather_facts
from credit.application.rate_parties import rate_parties
from credit.application.report_month import report_month
from credit.application.rerate_due import rerate_due
from credit.bootstrap import Stores, open_stores
from credit.domain.scorecard import Scorecards
from credit.ports import Revision
from credit.settings import CreditSettings
from linkage_contracts.topics import ACTIONS, CREDIT_ACTS, DECISIONS, RESULTS
from linkage_runtime.clock import day_of, now
from linkage_runtime.dead_letters import KafkaDeadLetters
from linkage_runtime.errors import TransientError
from linkage_runtime.lag import Lag
from linkage_runtime.probes import primary_answers
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.stream import accompany, build_stream_app, read_topics

log = structlog.get_logger()

READER = "credit"
TOPICS_READ = (DECISIONS, RESULTS, ACTIONS, CREDIT_ACTS)
RERATE_EVERY = timedelta(minutes=1)
"""How late a fact may fade or fall away, after midnight in China."""
REPORT_EVERY = timedelta(hours=1)
"""How late a month's report may be; long enough for a rebuild to have read the log before it."""
COUNT_EVERY = timedelta(minutes=2)
"""How old the gauge of classes may be; each count reads one index."""


def build_worker(settings: CreditSettings) -> faust.App:
    """The stream worker, with its probes and its gauge of classes."""
    stores, publisher = open_stores(settings), KafkaPublisher(settings.kafka, settings.kafka_access)
    measures = read_measures(settings.scorecards)

    async def rate(parties: Collection[str], at: datetime) -> tuple[Revision, ...]:
        return await rate_parties(
            parties,
            facts=stores.facts,
            ratings=stores.ratings,
            publisher=publisher,
            measures=measures,
            at=at,
        )

    declare_metrics()
    app = build_stream_app(READER, settings)
    gather = partial(gather_facts, facts=stores.facts, acts=stores.acts, cases=stores.cases)
    handle = LogHandler(gather, rate)
    handlers = dict.fromkeys(TOPICS_READ, handle)
    lag = read_topics(app, READER, handlers, KafkaDeadLetters(publisher))
    _accompany(app, settings, stores, publisher, lag)

    async def rerate() -> None:
        try:
            await rerate_due(ratings=stores.ratings, rate=handle.rate, rank=measures.rank, at=now())
        except TransientError as error:
            log.warning("not rated again", cause=str(error))

    async def report() -> None:
        try:
            await report_month(
                day_of(now()).replace(day=1),
                facts=stores.facts,
                reports=stores.months,
                scorecards=measures.scorecards,
                at=now(),
            )
        except TransientError as error:
            log.warning("month not reported", cause=str(error))

    app.timer(RERATE_EVERY.total_seconds())(rerate)
    app.timer(REPORT_EVERY.total_seconds())(report)
    return app


def _accompany(
    app: faust.App, settings: CreditSettings, stores: Stores, publisher: KafkaPublisher, lag: Lag
) -> None:
    """What runs beside the agents."""

    async def count_classes() -> None:
        try:
            show_classes(await stores.ratings.class_counts(Scorecards.GENERAL))
        except TransientError as error:
            log.warning("classes not counted", cause=str(error))

    async def close() -> None:
        await publisher.close()
        stores.client.close()

    accompany(app, settings, {"mongo": primary_answers(stores.client)}, lag, close)
    app.timer(COUNT_EVERY.total_seconds())(count_classes)
