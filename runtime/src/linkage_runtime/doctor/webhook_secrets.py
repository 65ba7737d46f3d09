"""Webhook secrets: the master key opens each, under the newest one, and none is too old."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.clock import now
from linkage_runtime.doctor.finding import Finding, ok, warning, wrong
from linkage_runtime.master_keys import WEBHOOK_SECRET, Boxes, MasterKeys
from linkage_runtime.mongo import database

OLD: Final = timedelta(days=400)
"""An assumption, as long as the API keys of deploy/ROTATION.md: no rule names a term."""
_CHECK: Final = "webhook-secrets"
_BOXES: Final = ("sealed_secret", "old_secret")
_READ: Final = (*_BOXES, "organisation", "created_at", "old_secret_until")
Document = Mapping[str, Any]


async def examine_webhook_secrets(
    client: AsyncIOMotorClient[dict[str, Any]], master: MasterKeys | None
) -> list[Finding]:
    """Look at the secret of every webhook; what cannot be opened without a key is not looked at."""
    if master is None:
        return []
    subscriptions = database(client, "supervision_push")["subscriptions"]
    held = await subscriptions.find({"sealed_secret": {"$ne": None}}, list(_READ)).to_list(None)
    return list(judge_secrets(held, master, now()))


def judge_secrets(held: Iterable[Document], master: MasterKeys, at: datetime) -> Iterator[Finding]:
    """One line for all that is well, and one for each kind of trouble, with whose it is."""
    held, boxes = list(held), Boxes(WEBHOOK_SECRET, master)
    states = [(one, _state(one, boxes)) for one in held]
    shut = [one for one, state in states if state == "shut"]
    behind = [one for one, state in states if state == "behind"]
    old = [one for one in held if at - _since(one) > OLD]
    yield from (
        judge(_whose(some))
        for judge, some in ((_shut, shut), (_behind, behind), (_old, old))
        if some
    )
    if not (shut or behind or old):
        both = sum(_both_sign(one, at) for one in held)
        said = f"{len(held)} 个 webhook 密钥，{both} 个正在更换"
        yield ok(_CHECK, (said, f"webhook secrets: {len(held)}; being rotated: {both}"))


def _shut(whose: str) -> Finding:
    return wrong(
        _CHECK,
        (f"主密钥打不开: {whose}", f"the master key does not open: {whose}"),
        mend=(
            "旁列封存时的主密钥 (LINKAGE_MASTER_KEYS_BESIDE)，或由该单位更换密钥",
            "set the key they were sealed under beside, or let who subscribes rotate",
        ),
    )


def _behind(whose: str) -> Finding:
    return warning(
        _CHECK,
        (f"由旁列的主密钥封存: {whose}", f"sealed under a master key that stands beside: {whose}"),
        mend=(
            "各进程都以新主密钥运行后，执行 linkage master-key reseal",
            "once all processes run with the new one: `linkage master-key reseal`",
        ),
    )


def _old(whose: str) -> Finding:
    return warning(
        _CHECK,
        (f"密钥已用 {OLD.days} 天以上: {whose}", f"older than {OLD.days} days: {whose}"),
        mend=(
            "由该单位更换: POST /v1/subscriptions/{id}:rotate-secret",
            "let them rotate: POST /v1/subscriptions/{id}:rotate-secret",
        ),
    )


def _state(one: Document, boxes: Boxes) -> str:
    try:
        anew = [
            boxes.sealed_anew(box, one["_id"])
            for name in _BOXES
            if (box := one.get(name)) is not None
        ]
    except InvalidTag:
        return "shut"
    return "behind" if any(anew) else "current"


def _since(one: Document) -> datetime:
    """When it was made, to the day: the one before it signs for a day (by default) beside it."""
    made: datetime = one.get("old_secret_until") or one["created_at"]
    return made


def _both_sign(one: Document, at: datetime) -> bool:
    until = one.get("old_secret_until")
    return until is not None and at < until


def _whose(some: Iterable[Document]) -> str:
    return ", ".join(f"{one['organisation']} ({one['_id']})" for one in some)
