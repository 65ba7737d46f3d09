"""API keys: somebody may call, and not more administrators than one knows of."""

from collections.abc import Sequence
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.doctor.finding import Finding, ok, warning, wrong
from linkage_runtime.mongo import database

_KEYS = "api-keys"


async def examine_keys(client: AsyncIOMotorClient[dict[str, Any]]) -> list[Finding]:
    """Read whose keys are valid; when a key was used last is not known."""
    return [judge_keys(await ApiKeys(database(client, "linkage_access")["api_keys"]).callers())]


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
