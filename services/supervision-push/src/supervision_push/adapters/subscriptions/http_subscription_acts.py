"""``/v1/subscriptions/{id}:…``: pause, resume, rotate, test, replay, and what is parked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter

from linkage_contracts.ids import Id
from linkage_runtime.access import Caller
from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.subscriptions.http_subscription_models import (
    Discarded,
    Redelivered,
    Replayed,
    outcome_view,
    view,
)
from supervision_push.adapters.subscriptions.http_subscriptions import (
    OwnFeed,
    edit_of,
    or_unknown,
    own_subscription,
)
from supervision_push.application.change_subscription import change_subscription
from supervision_push.application.feed_ports import FeedLog, Sender
from supervision_push.application.release_parked import (
    NotParkedError,
    ParkedEntries,
    discard_parked,
    redeliver_parked,
    show_parked,
)
from supervision_push.application.replay_feed import Window, replay_feed
from supervision_push.application.rotate_secret import rotate_secret
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.application.try_subscription import try_subscription
from supervision_push.domain.subscription import Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class ActPorts:
    """What the acts need from outside."""

    subscriptions: Subscriptions
    feed: FeedLog
    search: FeedSearch
    sender: Sender
    seal: Callable[[str, str], bytes]
    clock: Callable[[], datetime]
    overlap: timedelta
    """How long an old secret signs beside the new one."""


def acts_on_subscriptions_router(ports: ActPorts) -> APIRouter:
    """The routes; everybody acts only on their own."""
    router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions 订阅"])
    _running(router, ports)
    _mending(router, ports)
    _parking(router, ports)
    return router


def _running(router: APIRouter, ports: ActPorts) -> None:
    async def take(
        subscription_id: str,
        caller: Caller,
        what: str,
        step: Callable[[Subscription], Subscription],
    ) -> dict[str, Any]:
        edit = edit_of(subscription_id, caller, what)
        changing = change_subscription(
            edit, step, subscriptions=ports.subscriptions, clock=ports.clock
        )
        return view(await or_unknown(changing))

    @router.post("/{subscription_id}:pause", summary="暂停 Pause; everything is kept")
    async def pause(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        """Holds within a second or two; what is still sent until then is sent again later."""
        return await take(subscription_id, caller, "paused", Subscription.paused)

    @router.post("/{subscription_id}:resume", summary="恢复 Go on where it stood, in order")
    async def resume(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        return await take(subscription_id, caller, "resumed", Subscription.resumed)


def _mending(router: APIRouter, ports: ActPorts) -> None:
    @router.post("/{subscription_id}:rotate-secret", summary="更换密钥 A new secret")
    async def rotate(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        """Both secrets sign until ``old_secret_until``; the new one is shown this once."""
        rotating = rotate_secret(
            edit_of(subscription_id, caller, "secret rotated"),
            subscriptions=ports.subscriptions,
            seal=ports.seal,
            clock=ports.clock,
            overlap=ports.overlap,
        )
        after, secret = await or_unknown(rotating)
        return view(after) | {"secret": secret}

    @router.post("/{subscription_id}:test", summary="测试 Send a signed test event now")
    async def test(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        """What came of it; a pending subscription is active once the test was answered 2xx."""
        testing = try_subscription(
            subscription_id,
            caller.organisation,
            caller.key_id,
            subscriptions=ports.subscriptions,
            sender=ports.sender,
            clock=ports.clock,
        )
        said = outcome_view(await or_unknown(testing))
        there = await own_subscription(ports.subscriptions, subscription_id, caller)
        return said | {"state": there.state}

    @router.post("/{subscription_id}:replay", summary="重发 Deliver a window of time again")
    async def replay(subscription_id: Id, wanted: Replayed, caller: OwnFeed) -> dict[str, Any]:
        """Counts, and with ``"dry_run": false`` also delivers again."""
        detail = f"{wanted.start.isoformat()} – {wanted.end.isoformat() if wanted.end else ''}"
        replaying = replay_feed(
            Window(start=wanted.start, end=wanted.end),
            edit_of(subscription_id, caller, "replayed", detail),
            dry_run=wanted.dry_run,
            subscriptions=ports.subscriptions,
            search=ports.search,
            clock=ports.clock,
        )
        counted = await or_unknown(replaying)
        begun = not wanted.dry_run and counted.wanted > 0
        return {"entries": counted.entries, "wanted": counted.wanted, "replaying": begun}


def _parking(router: APIRouter, ports: ActPorts) -> None:
    @router.get("/{subscription_id}/parked", summary="搁置 Entries that could not be delivered")
    async def parked(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        """By party: the first is the one that failed, the others wait behind it."""
        there = await own_subscription(ports.subscriptions, subscription_id, caller)
        shown = await show_parked(there, search=ports.search, feed=ports.feed)
        return {"parked": [_parked_view(one) for one in shown]}

    @router.post("/{subscription_id}/parked:redeliver", summary="重投 Deliver parked entries again")
    async def redeliver(
        subscription_id: Id, wanted: Redelivered, caller: OwnFeed
    ) -> dict[str, Any]:
        edit = edit_of(subscription_id, caller, "parked redelivered", _at(wanted.offset))
        acting = redeliver_parked(
            edit, wanted.offset, subscriptions=ports.subscriptions, clock=ports.clock
        )
        try:
            return view(await or_unknown(acting))
        except NotParkedError as error:
            raise ProblemError(404, str(error)) from error

    @router.post("/{subscription_id}/parked:discard", summary="放弃 Give up one parked entry")
    async def discard(subscription_id: Id, wanted: Discarded, caller: OwnFeed) -> dict[str, Any]:
        """Its party's later entries are delivered; it stays on the feed, for pull and replay."""
        detail = f"{_at(wanted.offset)}: {wanted.reason}"
        edit = edit_of(subscription_id, caller, "parked discarded", detail)
        acting = discard_parked(
            edit, wanted.offset, subscriptions=ports.subscriptions, clock=ports.clock
        )
        try:
            return view(await or_unknown(acting))
        except NotParkedError as error:
            raise ProblemError(404, str(error)) from error


def _at(offset: int | None) -> str:
    return "all" if offset is None else f"offset {offset}"


def _parked_view(one: ParkedEntries) -> dict[str, Any]:
    parked = one.parked
    return {
        "party": parked.party,
        "offset": parked.first,
        "since": parked.since,
        "cause": parked.cause,
        "detail": parked.detail,
        "redelivering": parked.redeliver,
        "entries": [{"id": entry.id, "type": entry.type} for entry in one.entries],
    }
