"""``GET /v1/feeds/{organisation}/events``: an organisation's feed as server-sent events.

The same reader as pull, that stays: what a reader has is known when it comes back and presents its
``Last-Event-ID``. So a stream is ended now and then, and every client of the standard comes back.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from random import SystemRandom
from time import monotonic
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends, Header
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from linkage_contracts.codes import Channel
from linkage_runtime import access
from linkage_runtime.access import Caller
from linkage_runtime.errors import LinkageError
from linkage_runtime.http.access import caller_with, require_organisation
from linkage_runtime.http.problems import RETRY_AFTER_SECONDS, ProblemError
from supervision_push.adapters.feeds.feed_metrics import STREAMS, STREAMS_REFUSED
from supervision_push.adapters.feeds.http_feeds import (
    After,
    Reads,
    cursor_in,
    page_of,
    trace_reading,
)
from supervision_push.application.read_feed import FeedPage, ReadFeed

log = structlog.get_logger()

PAGE_ENTRIES: Final = 100
HEARTBEAT_SECONDS: Final = 15
"""Proxies end what is silent for a minute, some for half of one."""
UNREAD_SECONDS: Final = 30.0
"""How long a client may leave what it was sent unread before the stream is ended."""
RETRY_MILLISECONDS: Final = 2_000
LONGEST_STREAM_SECONDS: Final = 600.0
"""Ends after half of this to all of it, by chance: streams opened together don't end together."""

LastEventId = Annotated[str | None, Header(max_length=200)]
STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}


class OpenStreams:
    """Counts the streams of each organisation on this process, and refuses one too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    @contextmanager
    def one_more(self, organisation: str) -> Iterator[None]:
        """Hold a place for as long as the context lasts.

        Raises:
            ProblemError: 429, all places are taken.
        """
        if self._open[organisation] >= self._most:
            STREAMS_REFUSED.inc()
            raise ProblemError(
                429,
                f"本单位已有 {self._most} 条事件流,请先关闭一条 (too many open streams: close one)",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        self._open[organisation] += 1
        STREAMS.inc()
        try:
            yield
        finally:
            STREAMS.dec()
            self._open[organisation] -= 1
            if not self._open[organisation]:
                del self._open[organisation]


def events_router(read: Reads, streams: OpenStreams) -> APIRouter:
    """The route; the same rights as pull."""
    router = APIRouter(tags=["feeds 信息流"])

    @router.get(
        "/v1/feeds/{organisation}/events",
        summary="订阅事件流 Stream the feed (SSE)",
        response_class=EventSourceResponse,
        responses=STREAM,
    )
    async def stream_events(
        organisation: str,
        caller: Annotated[
            Caller, Depends(caller_with(access.Scope.READ_FEED, access.Scope.OVERSEE))
        ],
        after: After = None,
        last_event_id: LastEventId = None,
    ) -> EventSourceResponse:
        """Each event's ``id`` is the cursor behind it, ``event`` its type, ``data`` its JSON."""
        require_organisation(caller, organisation)
        # A client that comes back repeats the address it began with: the header is the later word.
        presented = last_event_id or after
        query = ReadFeed(
            organisation=organisation,
            after=None if presented is None else cursor_in(presented),
            limit=PAGE_ENTRIES,
            wait=0.0,
            by_recipient=caller.organisation == organisation,
            channel=Channel.SSE,
        )
        beginning = f"/v1/feeds/{organisation}/entries"
        return await event_stream(read, query, beginning, streams)

    return router


async def event_stream(
    read: Reads, query: ReadFeed, beginning: str, streams: OpenStreams
) -> EventSourceResponse:
    """The stream, or the problem that its first page has."""
    first = await page_of(read, query, beginning)
    return _Stream(_events(read, query, first), query.organisation, streams)


class _Stream(EventSourceResponse):
    """Holds its place among the open streams until it has ended, however it ends."""

    def __init__(
        self, events: AsyncIterator[ServerSentEvent], organisation: str, streams: OpenStreams
    ) -> None:
        super().__init__(
            events,
            ping=HEARTBEAT_SECONDS,
            ping_message_factory=lambda: ServerSentEvent(comment=""),
            send_timeout=UNREAD_SECONDS,
        )
        self._organisation = organisation
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._streams.one_more(self._organisation), suppress(SendTimeoutError):
            await super().__call__(scope, receive, send)
            if self.active:
                # The process was told to stop. Without a last chunk the client would see an error.
                await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _events(read: Reads, query: ReadFeed, first: FeedPage) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(retry=RETRY_MILLISECONDS)
    page, until = first, _end_of_stream()
    while True:
        for entry in page.entries:
            yield ServerSentEvent(
                entry.body.decode(),
                id=page.position.at(entry.offset).encode(),
                event=entry.type,
            )
        left = until - monotonic()
        if left <= 0:
            return
        # Sent is not had: only a cursor that the client presents confirms what lies behind it.
        following = replace(query, after=page.position, wait=left, by_recipient=False)
        try:
            page = await read(following)
        except LinkageError as error:
            # The client that comes back is told what is the matter.
            log.warning("event stream ended", cause=str(error))
            return
        trace_reading(page)


def _end_of_stream() -> float:
    return monotonic() + LONGEST_STREAM_SECONDS * SystemRandom().uniform(0.5, 1.0)
