"""``/v1/oversight``: what no organisation can be told, because telling it is what fails."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from supervision_push.adapters.subscriptions.http_subscription_models import view
from supervision_push.application.find_unread import UnreadFeed
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.subscription import Subscription

Overseer = Annotated[Caller, Depends(caller_with(Scope.OVERSEE))]
Finds = Callable[[timedelta], Awaitable[Sequence[UnreadFeed]]]


def oversight_router(
    subscriptions: Subscriptions, find_unread: Finds, unread_after: timedelta
) -> APIRouter:
    """The routes; for oversight alone."""
    router = APIRouter(prefix="/v1/oversight", tags=["oversight 督查"])

    @router.get("/subscriptions", summary="异常订阅 Disabled, in trouble, or with parked entries")
    async def ailing(_: Overseer) -> dict[str, Any]:
        """Each with its organisation, the cause, and the side that must mend it."""
        found = await subscriptions.ailing()
        return {"subscriptions": [_ailing_view(one) for one in found]}

    @router.get("/unread-feeds", summary="无人读取的信息流 Feeds that nobody reads")
    async def unread(
        _: Overseer, hours: Annotated[float | None, Query(gt=0, le=24 * 365)] = None
    ) -> dict[str, Any]:
        """Oldest first; without ``hours`` as long as this installation has set."""
        found = await find_unread(unread_after if hours is None else timedelta(hours=hours))
        return {"feeds": [_view(one) for one in found]}

    return router


def _ailing_view(one: Subscription) -> dict[str, Any]:
    # A query may hold the receiver's own token.
    bare = urlsplit(one.endpoint)._replace(query="").geturl() if one.endpoint else None
    return {"organisation": one.organisation} | view(replace(one, endpoint=bare))


def _view(one: UnreadFeed) -> dict[str, Any]:
    oldest = one.oldest
    shown = {
        "organisation": one.organisation,
        "oldest": {"id": oldest.id, "type": oldest.type, "stored_at": oldest.stored_at},
        "pulled_at": one.pulled_at,
        "subscriptions": list(one.subscriptions),
    }
    return {key: value for key, value in shown.items() if value is not None}
