"""``GET /v1/feeds/{organisation}/entries``: an organisation's feed by pull, with long poll."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from linkage_runtime.access import Caller, Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with, require_organisation
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.traces import continued
from supervision_push.application.read_feed import FeedPage, ReadFeed
from supervision_push.domain.cursor import BadCursorError, Cursor, OtherEpochError
from supervision_push.domain.entry import BATCH_MEDIA_TYPE, batch_body

MAX_ENTRIES = 1_000
LONGEST_WAIT_SECONDS = 30.0
CURSOR_HEADER = "Linkage-Cursor"

PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {BATCH_MEDIA_TYPE: {"schema": {"type": "array"}}},
        "headers": {CURSOR_HEADER: {"schema": {"type": "string"}}},
    }
}

After = Annotated[str | None, Query(max_length=200)]
Wait = Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS)]
Reads = Callable[[ReadFeed], Awaitable[FeedPage]]


def feeds_router(read: Reads) -> APIRouter:
    """The route; one organisation's feed is read by itself, or watched by oversight."""
    router = APIRouter(tags=["feeds 信息流"])

    @router.get(
        "/v1/feeds/{organisation}/entries",
        summary="读取信息流 Read the feed",
        response_class=Response,
        responses=PAGE,
    )
    async def read_entries(
        organisation: str,
        caller: Annotated[Caller, Depends(caller_with(Scope.READ_FEED, Scope.OVERSEE))],
        after: After = None,
        limit: Annotated[int, Query(ge=1, le=MAX_ENTRIES)] = 100,
        wait: Wait = 0.0,
    ) -> Response:
        """Entries in order after a cursor; presenting it confirms all that lies behind it."""
        require_organisation(caller, organisation)
        query = ReadFeed(
            organisation=organisation,
            after=None if after is None else cursor_in(after),
            limit=limit,
            wait=wait,
            by_recipient=caller.organisation == organisation,
        )
        beginning = f"/v1/feeds/{organisation}/entries"
        return page_response(await page_of(read, query, beginning))

    return router


def page_response(page: FeedPage) -> Response:
    """A batch, and the cursor to go on with."""
    return Response(
        batch_body(page.entries),
        media_type=BATCH_MEDIA_TYPE,
        headers={CURSOR_HEADER: page.position.encode(), "Cache-Control": "no-store"},
    )


async def page_of(read: Reads, query: ReadFeed, beginning: str) -> FeedPage:
    """The page, or the problem that the query's cursor has; ``beginning`` is read without one."""
    try:
        page = await read(query)
    except OtherEpochError as error:
        headers = {"Link": f'<{beginning}>; rel="first"'}
        raise ProblemError(410, str(error), headers=headers, resync=beginning) from error
    except BadCursorError as error:
        raise _refused(error) from error
    trace_reading(page)
    return page


def trace_reading(page: FeedPage) -> None:
    """Let the trace of each entry say that it was read here."""
    with continued("read feed", "internal", (entry.body for entry in page.entries)):
        pass


def cursor_in(text: str) -> Cursor:
    """A cursor as a caller presents it."""
    try:
        return Cursor.decode(text)
    except BadCursorError as error:
        raise _refused(error) from error


def _refused(error: BadCursorError) -> ProblemError:
    fault = Fault(
        pointer="/after",
        rule="cursor",
        zh="游标无法识别",
        en="not a cursor of this feed",
        remedy_zh="请原样使用上次应答中 Linkage-Cursor 头的值,或不带 after 从头读取",
        remedy_en="use Linkage-Cursor of the last answer as it was, or leave after out",
    )
    return ProblemError(422, str(error), faults=(fault,))
