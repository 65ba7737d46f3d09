"""API keys: somebody may call, and not more administrators than one knows of."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.doctor.finding import Finding, ok, warning, wrong
from linkage_runtime.mongo import database

_KEYS = "api-keys"
SOON = timedelta(days=30)


async def examine_keys(client: AsyncIOMotorClient[dict[str, Any]]) -> list[Finding]:
    """Read whose keys are valid; when a key was used last is not known."""
    callers = await ApiKeys(database(client, "linkage_access")["api_keys"]).callers()
    return [judge_keys(callers), *judge_expiry(callers, now())]


def judge_keys(callers: Sequence[Caller]) -> Finding:
    """None is wrong; several that administer are looked at by somebody."""
    if not callers:
        return wrong(
            _KEYS,
            ("没有有效的 API 密钥，无人可以调用", "no API key is valid: nobody can call"),
            mend=("用 linkage keys issue 签发", "issue one with `linkage keys issue`"),
        )
    administrators = [one for one in callers if one.may(Scope.ADMINISTER)]
    if len(administrators) > 1:
        who = ", ".join(f"{one.key_id} ({one.name})" for one in administrators)
        return warning(
            _KEYS,
            (f"{len(administrators)} 个密钥有 admin 权限: {who}", f"keys with scope admin: {who}"),
            mend=(
                "多余的用 linkage keys withdraw 停用",
                "withdraw those left over: `linkage keys withdraw`",
            ),
        )
    return ok(_KEYS, (f"{len(callers)} 个密钥有效", f"valid keys: {len(callers)}"))


def judge_expiry(callers: Sequence[Caller], at: datetime) -> Iterator[Finding]:
    """Keys that expire within a month, or have expired, are followed by others."""
    ending = [one for one in callers if one.expires_at and one.expires_at < at + SOON]
    if ending:
        which = ", ".join(f"{one.key_id} ({one.name}) {one.expires_at:%Y-%m-%d}" for one in ending)
        yield warning(
            _KEYS,
            (f"{len(ending)} 个密钥将在 30 天内到期或已到期: {which}", f"keys expire: {which}"),
            mend=(
                "用 linkage keys issue 另发一个, 换用后停用旧的",
                "issue another, and withdraw the old one once it is in use: deploy/ROTATION.md",
            ),
        )
