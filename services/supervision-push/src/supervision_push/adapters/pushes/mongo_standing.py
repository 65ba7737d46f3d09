"""Who holds, returned or waits for the pushes of a decision, read from both collections."""

from collections.abc import Iterable, Mapping
from typing import Any

from linkage_runtime.mongo import Collection, find_by
from supervision_push.domain.routing import HeldPush, PoolStanding, Standing
from supervision_push.domain.steps import PushState

_OF_POOL = {"decision_id": True, "event_id": True, "returned_push": True, "claim": True}
_OF_PUSH = {
    "decision_id": True,
    "event_id": True,
    "recipient": True,
    "round": True,
    "state": True,
    "returned.pool_id": True,
}


async def read_standing(
    decision_ids: Iterable[str], *, pushes: Collection, pool: Collection
) -> dict[str, Standing]:
    """The pool is read first: what leaves it in between has a claimer, or is still there."""
    standing: dict[str, Standing] = {}
    wanted = list(decision_ids)
    for entry in await find_by(pool, "decision_id", wanted, projection=_OF_POOL):
        _join(standing, entry, Standing(pool=(_pool_standing(entry),)))
    for push in await find_by(pushes, "decision_id", wanted, projection=_OF_PUSH):
        _join(standing, push, Standing(pushes=(_held(push),)))
    return standing


def _join(standing: dict[str, Standing], document: Mapping[str, Any], one: Standing) -> None:
    decision_id = document["decision_id"]
    standing[decision_id] = standing.get(decision_id, Standing()).joined(one)


def _pool_standing(entry: Mapping[str, Any]) -> PoolStanding:
    return PoolStanding(
        pool_id=entry["_id"],
        event_id=entry["event_id"],
        of_returned_push="returned_push" in entry,
        claimed_by=entry.get("claim", {}).get("organisation"),
    )


def _held(push: Mapping[str, Any]) -> HeldPush:
    return HeldPush(
        event_id=push["event_id"],
        recipient=push["recipient"],
        round=push["round"],
        state=PushState(push["state"]),
        pool_id=push.get("returned", {}).get("pool_id"),
    )
