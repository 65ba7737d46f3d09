"""Personal keys: the master key that is set opens what is stored."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.doctor.finding import Finding, ok, warning, wrong
from linkage_runtime.mongo import database
from linkage_runtime.personal_data import PersonalVault

_PERSONAL_KEYS = "personal-keys"


async def examine_personal_keys(
    client: AsyncIOMotorClient[dict[str, Any]], master: bytes | None
) -> list[Finding]:
    """Unwrap one."""
    if master is None:
        return [
            warning(
                _PERSONAL_KEYS,
                ("未给主密钥，未查", "no master key was given: not looked at"),
                mend=("设置 LINKAGE_MASTER_KEY 再查", "set LINKAGE_MASTER_KEY and look again"),
            )
        ]
    vault = PersonalVault(database(client, "linkage_access")["personal_keys"], master)
    return [judge_fit(await vault.fits())]


def judge_fit(fits: bool | None) -> Finding:  # noqa: FBT001 -- an answer, not a flag
    """Another master key makes new personal keys beside those that it cannot open."""
    if fits is None:
        return ok(_PERSONAL_KEYS, ("尚无自然人密钥", "there are no personal keys yet"))
    if fits:
        return ok(_PERSONAL_KEYS, ("主密钥可用", "the master key opens personal keys"))
    return wrong(
        _PERSONAL_KEYS,
        (
            "主密钥打不开已存的自然人密钥",
            "the master key does not open the personal keys that are stored",
        ),
        mend=(
            "立即停止各进程，从备份取回原来的主密钥",
            "stop the processes, and take the former master key from its backup",
        ),
    )
