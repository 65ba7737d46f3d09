"""Stream workers on faust: raw batches in, settled whole, acknowledged whole.

faust acknowledges the message of an agent that raises, and commits over gaps, so nothing may leave
an agent here: whatever escapes settlement ends the process before any commit.
"""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterable, Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import faust
import structlog
import uvloop
from faust.auth import SASLCredentials, SSLCredentials
from mode import Service
from prometheus_client import REGISTRY

from linkage_contracts.topics import Topic
from linkage_runtime.kafka_security import KafkaSecurity
from linkage_runtime.lag import FaustCounts, Lag
from linkage_runtime.paced_fetches import pace_empty_fetches
from linkage_runtime.patient_stream import PatientStream
from linkage_runtime.probes import Check, serve_probes
from linkage_runtime.settings import RuntimeSettings
from linkage_runtime.settlement import DeadLetters, Handle, Record, Settlement

if TYPE_CHECKING:
    from faust.streams import Stream

log = structlog.get_logger()

MAX_BATCH = 1_000
_HEARTBEATS = 5
"""To a session: four may be lost, or late."""
WITHIN_SECONDS = 0.02
"""How long a batch waits for company: two hops stay under 30 ms at the median."""


def build_stream_app(group: str, settings: RuntimeSettings) -> faust.App:
    """A faust app that only reads: no tables, no leader, no web server, no output."""
    pace_empty_fetches()
    # faust wants a folder, though without tables nothing is kept in it.
    folder = Path(tempfile.gettempdir(), "linkage", group)
    folder.mkdir(parents=True, exist_ok=True)
    session = settings.kafka_session.total_seconds()
    return faust.App(
        group,
        broker=[f"aiokafka://{server}" for server in settings.kafka.split(",")],
        broker_credentials=_credentials(settings.kafka_access),
        key_serializer="raw",
        value_serializer="raw",
        store="memory://",
        datadir=str(folder),
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        # A blocked batch must not cost membership: the default of 1,000 s did, for good.
        broker_max_poll_interval=timedelta(days=30).total_seconds(),
        # The default froze the whole group's rebalance for 60 s behind a blocked batch.
        stream_wait_empty=False,
        Stream=PatientStream,
        broker_commit_interval=1.0,
        broker_session_timeout=session,
        broker_heartbeat_interval=session / _HEARTBEATS,
    )


def _credentials(security: KafkaSecurity) -> SASLCredentials | SSLCredentials | None:
    if not security.has_principals:
        return None
    if security.protocol == "SSL":
        return SSLCredentials(security.tls)
    return SASLCredentials(
        username=security.username,
        password=security.password.get_secret_value() if security.password else None,
        ssl_context=security.tls,
        mechanism=security.mechanism,
    )


def read_topics(
    app: faust.App, reader: str, handlers: Mapping[Topic, Handle], dead_letters: DeadLetters
) -> Lag:
    """Bind each topic to its handler; one agent a topic. Gives how far they are behind."""
    lag = Lag(app)
    for topic, handle in handlers.items():
        lag.declare(reader, topic.name)
        _bind(app, Settlement(topic, reader, handle, dead_letters), topic, lag)
    return lag


def _bind(app: faust.App, settlement: Settlement, topic: Topic, lag: Lag) -> None:
    source = app.topic(topic.name, key_type=bytes, value_type=bytes)

    async def settle_batches(stream: faust.StreamT[bytes]) -> None:
        taken = cast("Stream[bytes]", stream).noack_take(MAX_BATCH, within=WITHIN_SECONDS)
        # faust declares that this yields values; it yields the events around them.
        async for events in cast("AsyncIterable[list[faust.EventT[bytes]]]", taken):
            records = [
                Record(
                    event.message.partition, event.message.offset, event.message.key, event.value
                )
                for event in events
            ]
            lag.holds(topic.name, (event.message.timestamp for event in events))
            await _or_die(settlement.settle(records))
            for event in events:
                await stream.ack(event)
            lag.settled(topic.name)

    app.agent(source, name=f"{app.conf.id}.{topic.name}")(settle_batches)


async def _or_die(settling: Awaitable[None]) -> None:
    try:
        await settling
    except Exception:
        log.critical("settlement itself failed; ending before any commit", exc_info=True)
        os._exit(70)


def accompany(
    app: faust.App,
    settings: RuntimeSettings,
    checks: Mapping[str, Check],
    lag: Lag,
    close: Callable[[], Awaitable[None]],
) -> None:
    """Serve the probes beside the agents, and close what these use once they have stopped.

    Ready means ``checks``, and that the worker holds partitions, is not between two assignments,
    and knows its lag.
    """
    own = {"assigned": lag.is_assigned, "lag_known": lag.is_known}

    async def probes() -> None:
        await serve_probes(settings, {**checks, **own})

    app.task(probes)

    @app.service
    class Closing(Service):
        async def on_shutdown(self) -> None:
            await close()


def run_worker(app: faust.App, log_level: str) -> None:
    """Run until told to stop; SIGTERM leaves unsettled batches to the next start."""
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    app.loop = loop
    REGISTRY.register(FaustCounts(app))
    faust.Worker(
        app, loglevel=log_level, redirect_stdouts=False, override_logging=False, loop=loop
    ).execute_from_commandline()
