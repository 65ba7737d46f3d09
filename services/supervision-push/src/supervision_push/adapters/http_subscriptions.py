"""``/v1/subscriptions``: how an organisation chooses to be told."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from linkage_contracts.codes import Channel
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.endpoint_addresses import ForbiddenEndpointError
from supervision_push.application.feed_ports import Subscriptions
from supervision_push.application.subscribe import Subscribe, Subscribed
from supervision_push.domain.subscription import Subscription

_ENDPOINT_MISFIT = (
    "webhook 须有 endpoint,kafka 不得有 (a webhook needs an endpoint, kafka has none)"
)

Subscribes = Callable[[Subscribe], Awaitable[Subscribed]]
OwnFeed = Annotated[Caller, Depends(caller_with(Scope.READ_FEED))]


class Wanted(BaseModel):
    """A webhook has an endpoint; a Kafka topic is named by this system."""

    model_config = ConfigDict(extra="forbid")

    channel: Literal["webhook", "kafka"]
    endpoint: Annotated[str | None, Field(max_length=2_000)] = None


def subscriptions_router(subscribe: Subscribes, subscriptions: Subscriptions) -> APIRouter:
    """The routes; everybody sees and changes only their own."""
    router = APIRouter(prefix="/v1/subscriptions", tags=["subscriptions 订阅"])

    @router.post("", status_code=201, summary="订阅 Subscribe, or go on after a pause")
    async def create(wanted: Wanted, caller: OwnFeed, response: Response) -> dict[str, Any]:
        """The secret is shown this once; subscribing again resumes where the feed stood."""
        if (wanted.channel == "webhook") != (wanted.endpoint is not None):
            raise ProblemError(422, _ENDPOINT_MISFIT, faults=(_endpoint_fault(_ENDPOINT_MISFIT),))
        command = Subscribe(
            organisation=caller.organisation,
            channel=Channel(wanted.channel),
            endpoint=wanted.endpoint,
        )
        try:
            made = await subscribe(command)
        except ForbiddenEndpointError as error:
            raise ProblemError(422, str(error), faults=(_endpoint_fault(str(error)),)) from error
        if not made.is_new:
            response.status_code = 200
        response.headers["Location"] = f"/v1/subscriptions/{made.subscription.id}"
        return _view(made.subscription) | ({"secret": made.secret} if made.secret else {})

    @router.get("", summary="本单位的订阅 Own subscriptions")
    async def read_all(caller: OwnFeed) -> dict[str, Any]:
        own = await subscriptions.of(caller.organisation)
        return {"subscriptions": [_view(one) for one in own]}

    @router.get("/{subscription_id}", summary="一项订阅 One of them")
    async def read_one(subscription_id: Id, caller: OwnFeed) -> dict[str, Any]:
        found = await subscriptions.find(subscription_id)
        if found is None or found.organisation != caller.organisation:
            raise _unknown()
        return _view(found)

    @router.delete("/{subscription_id}", status_code=204, summary="取消订阅 Unsubscribe")
    async def remove(subscription_id: Id, caller: OwnFeed) -> None:
        if not await subscriptions.remove(subscription_id, caller.organisation):
            raise _unknown()

    return router


def _view(subscription: Subscription) -> dict[str, Any]:
    trouble = subscription.trouble
    view = {
        "id": subscription.id,
        "channel": subscription.channel,
        "endpoint": subscription.endpoint,
        "topic": subscription.topic,
        "state": subscription.state,
        "cursor": subscription.position.encode(),
        "created_at": subscription.created_at,
        "trouble": trouble
        and {
            "failures": trouble.failures,
            "since": trouble.since,
            "cause": trouble.cause,
            "retry_at": trouble.retry_at,
        },
    }
    return {key: value for key, value in view.items() if value is not None}


def _unknown() -> ProblemError:
    return ProblemError(404, "本单位没有此订阅 (no such subscription of this organisation)")


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
