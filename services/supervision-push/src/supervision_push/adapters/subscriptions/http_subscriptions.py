"""``/v1/subscriptions``: how an organisation chooses to be told."""

from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Response

from linkage_contracts.codes import Channel
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.description import ALREADY_KNOWN
from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.subscriptions.endpoint_addresses import ForbiddenEndpointError
from supervision_push.adapters.subscriptions.http_subscription_models import (
    Settings,
    Wanted,
    change_view,
    settings_of,
    view,
)
from supervision_push.application.change_subscription import (
    Edit,
    UnknownSubscriptionError,
    change_subscription,
)
from supervision_push.application.subscribe import (
    OtherSettingsError,
    Subscribe,
    SubscribePorts,
    TooManySubscriptionsError,
    subscribe,
)
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.subscription import Subscription

_ENDPOINT_MISFIT = (
    "webhook 须有 endpoint,其他渠道不得有 (a webhook needs an endpoint, other channels have none)"
)

Answer = TypeVar("Answer")
OwnFeed = Annotated[Caller, Depends(caller_with(Scope.READ_FEED))]


def subscriptions_router(ports: SubscribePorts) -> APIRouter:
    """The routes; everybody sees and changes only their own."""
    router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions 订阅"])
    _creating(router, ports)
    _reading(router, ports.subscriptions)
    _changing(router, ports)
    return router


def _creating(router: APIRouter, ports: SubscribePorts) -> None:
    @router.post(
        "",
        status_code=201,
        responses=ALREADY_KNOWN,
        summary="订阅 Subscribe, or go on after a pause",
    )
    async def create(wanted: Wanted, caller: OwnFeed, response: Response) -> dict[str, Any]:
        """The secret is shown this once; subscribing again resumes where the feed stood."""
        require_fitting_endpoint(Channel(wanted.channel), wanted.endpoint)
        command = Subscribe(
            organisation=caller.organisation,
            by=caller.key_id,
            channel=Channel(wanted.channel),
            name=wanted.name,
            endpoint=wanted.endpoint,
            preferences=wanted.as_preferences(),
            start=wanted.start,
        )
        try:
            made = await subscribe(command, ports=ports)
        except ForbiddenEndpointError as error:
            raise _forbidden(error) from error
        except OtherSettingsError as error:
            there = f"/v1/subscriptions/{error.existing}"
            raise ProblemError(409, str(error), existing=there) from error
        except TooManySubscriptionsError as error:
            raise ProblemError(409, str(error)) from error
        if not made.is_new:
            response.status_code = 200
        response.headers["Location"] = f"/v1/subscriptions/{made.subscription.id}"
        return view(made.subscription) | ({"secret": made.secret} if made.secret else {})


def _reading(router: APIRouter, subscriptions: Subscriptions) -> None:
    @router.get("", summary="本单位的订阅 Own subscriptions")
    async def read_all(caller: OwnFeed) -> dict[str, Any]:
        own = await subscriptions.of(caller.organisation)
        return {"subscriptions": [view(one) for one in own]}

    @router.get("/{subscription_id}", summary="一项订阅 One of them")
    async def read_one(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        return view(await own_subscription(subscriptions, subscription_id, caller))

    @router.get("/{subscription_id}/history", summary="变更记录 Who changed what and when")
    async def read_history(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        changes = await subscriptions.history(subscription_id, caller.organisation)
        if not changes:
            raise unknown()
        return {"changes": [change_view(change) for change in changes]}


def _changing(router: APIRouter, ports: SubscribePorts) -> None:
    subscriptions = ports.subscriptions

    @router.patch("/{subscription_id}", summary="修改 Change the settings given, leave the others")
    async def change(subscription_id: Id, caller: OwnFeed, wanted: Settings) -> dict[str, Any]:
        """A new endpoint must answer a signed test before anything else is sent to it."""
        fields = wanted.model_dump(exclude_unset=True)
        there = await own_subscription(subscriptions, subscription_id, caller)
        try:
            if "endpoint" in fields:
                require_fitting_endpoint(there.channel, wanted.endpoint)
            if wanted.endpoint is not None:
                await ports.check_endpoint(wanted.endpoint)
        except ForbiddenEndpointError as error:
            raise _forbidden(error) from error
        edit = edit_of(subscription_id, caller, "changed", ", ".join(sorted(fields)))
        changing = change_subscription(
            edit,
            lambda one: _changed(one, fields),
            subscriptions=subscriptions,
            clock=ports.clock,
        )
        return view(await or_unknown(changing))

    @router.delete("/{subscription_id}", status_code=204, summary="取消订阅 Unsubscribe")
    async def remove(subscription_id: Id, caller: OwnFeed) -> None:
        """Its history can still be read."""
        edit = edit_of(subscription_id, caller, "removed")
        removing = change_subscription(
            edit, Subscription.removed, subscriptions=subscriptions, clock=ports.clock
        )
        await or_unknown(removing)


def _changed(there: Subscription, fields: dict[str, Any]) -> Subscription:
    wanted = Settings.model_validate(settings_of(there) | fields)
    changed = replace(there, preferences=wanted.as_preferences())
    return changed.moved_to(wanted.endpoint) if wanted.endpoint else changed


def edit_of(subscription_id: str, caller: Caller, what: str, detail: str = "") -> Edit:
    """An edit by a caller of its own subscription."""
    return Edit(
        subscription_id=subscription_id,
        organisation=caller.organisation,
        by=caller.key_id,
        what=what,
        detail=detail,
    )


async def own_subscription(
    subscriptions: Subscriptions, subscription_id: str, caller: Caller
) -> Subscription:
    """The caller's own, or the answer that there is none."""
    found = await subscriptions.find(subscription_id)
    if found is None or found.organisation != caller.organisation:
        raise unknown()
    return found


async def or_unknown(asked: Awaitable[Answer]) -> Answer:
    """The answer that there is no such subscription, where there is none."""
    try:
        return await asked
    except UnknownSubscriptionError as error:
        raise unknown() from error


def unknown() -> ProblemError:
    """404."""
    return ProblemError(404, "本单位没有此订阅 (no such subscription of this organisation)")


def require_fitting_endpoint(channel: Channel, endpoint: str | None) -> None:
    """A webhook has an endpoint, and nothing else has."""
    if (channel is Channel.WEBHOOK) != (endpoint is not None):
        raise ProblemError(422, _ENDPOINT_MISFIT, faults=(_endpoint_fault(_ENDPOINT_MISFIT),))


def _forbidden(error: ForbiddenEndpointError) -> ProblemError:
    return ProblemError(422, str(error), faults=(_endpoint_fault(str(error)),))


def _endpoint_fault(said: str) -> Fault:
    zh, _, en = said.partition(" (")
    return Fault(
        pointer="/endpoint",
        rule="endpoint",
        zh=zh,
        en=en.rstrip(")"),
        remedy_zh="请使用可访问的 https 地址;内网地址请联系运维登记网段",
        remedy_en="use a reachable https address; ask the operator to allow a private network",
    )
