"""Personal keys: the master key that is set opens what is stored."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.doctor.finding import Finding, State, ok, warning, wrong
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.mongo import database
from linkage_runtime.personal_data import PersonalVault

_PERSONAL_KEYS = "personal-keys"


async def examine_personal_keys(
    client: AsyncIOMotorClient[dict[str, Any]], master: MasterKeys | None
) -> list[Finding]:
    """Unwrap one; all, while the master key is being changed."""
    if master is None:
        return [
            warning(
                _PERSONAL_KEYS,
                ("未给主密钥，未查", "no master key was given: not looked at"),
                mend=("设置 LINKAGE_MASTER_KEY 再查", "set LINKAGE_MASTER_KEY and look again"),
            )
        ]
    vault = PersonalVault(database(client, "linkage_access")["personal_keys"], master)
    fits = judge_fit(await vault.fits())
    if fits.state is State.OK and master.beside:
        return [fits, judge_rotation(await vault.is_behind())]
    return [fits]


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


def judge_rotation(behind: bool) -> Finding:  # noqa: FBT001 -- an answer, not a flag
    """A change of the master key is under way, and must be brought to its end."""
    if behind:
        return warning(
            _PERSONAL_KEYS,
            (
                "有自然人密钥由旁列的主密钥包裹",
                "some personal keys are wrapped under a master key that stands beside",
            ),
            mend=(
                "各进程都以新主密钥运行后，执行 linkage master-key reseal",
                "once all processes run with the new one: `linkage master-key reseal`",
            ),
        )
    return warning(
        _PERSONAL_KEYS,
        ("主密钥更换尚未收尾", "a change of the master key is under way"),
        mend=(
            "见 deploy/ROTATION.md：换用新主密钥，或去掉 LINKAGE_MASTER_KEYS_BESIDE",
            "deploy/ROTATION.md: go on with the new key, or take LINKAGE_MASTER_KEYS_BESIDE away",
        ),
    )
