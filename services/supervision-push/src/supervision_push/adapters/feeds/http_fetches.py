"""``/v1/subscriptions/{id}/entries`` and ``/events``: a feed read on under a name."""

from collections.abc import Awaitable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sse_starlette import EventSourceResponse

from linkage_contracts.codes import Channel
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller
from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.feeds.http_events import (
    PAGE_ENTRIES,
    STREAM,
    LastEventId,
    OpenStreams,
    event_stream,
)
from supervision_push.adapters.feeds.http_feeds import (
    MAX_ENTRIES,
    PAGE,
    After,
    Reads,
    Wait,
    cursor_in,
    page_of,
    page_response,
)
from supervision_push.adapters.subscriptions.http_subscriptions import Answer, OwnFeed, or_unknown
from supervision_push.application.read_feed import ReadFeed
from supervision_push.application.read_subscription import (
    FetchPorts,
    NotFetchedError,
    read_subscription,
)


def fetches_router(ports: FetchPorts, streams: OpenStreams) -> APIRouter:
    """The routes; everybody reads only under their own names."""
    router = APIRouter(prefix="/v1/subscriptions/{subscription_id}", tags=["subscriptions 订阅"])

    def reading(subscription_id: str) -> Reads:
        return partial(read_subscription, subscription_id=subscription_id, ports=ports)

    @router.get("/entries", summary="拉取 Read on (pull)", response_class=Response, responses=PAGE)
    async def read_entries(
        subscription_id: Id,
        caller: OwnFeed,
        after: After = None,
        limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = 100,
        wait: Wait = 0.0,
    ) -> Response:
        """What the filter lets through, after a cursor; without one after what was confirmed last.

        Presenting the cursor of the last answer confirms all that lies behind it.
        """
        query = _query(caller, Channel.PULL, after, limit, wait)
        beginning = _beginning(subscription_id, "entries")
        return page_response(await _or_why(page_of(reading(subscription_id), query, beginning)))

    @router.get(
        "/events",
        summary="事件流 Read on as a stream (SSE)",
        response_class=EventSourceResponse,
        responses=STREAM,
    )
    async def stream_events(
        subscription_id: Id, caller: OwnFeed, after: After = None, last_event_id: LastEventId = None
    ) -> EventSourceResponse:
        """Coming back with ``Last-Event-ID`` confirms; what was not is streamed again."""
        query = _query(caller, Channel.SSE, last_event_id or after, PAGE_ENTRIES, 0.0)
        read, beginning = reading(subscription_id), _beginning(subscription_id, "events")
        return await _or_why(event_stream(read, query, beginning, streams))

    return router


def _query(
    caller: Caller, channel: Channel, presented: str | None, limit: int, wait: float
) -> ReadFeed:
    return ReadFeed(
        organisation=caller.organisation,
        after=None if presented is None else cursor_in(presented),
        limit=limit,
        wait=wait,
        by_recipient=True,
        channel=channel,
    )


def _beginning(subscription_id: str, what: str) -> str:
    return f"/v1/subscriptions/{subscription_id}/{what}"


async def _or_why(asked: Awaitable[Answer]) -> Answer:
    try:
        return await or_unknown(asked)
    except NotFetchedError as error:
        raise ProblemError(409, str(error)) from error
