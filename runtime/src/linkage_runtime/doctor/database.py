"""The database: whether it answers and takes writes, and everything that is looked at in it."""

from datetime import UTC
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from linkage_runtime.clock import now
from linkage_runtime.doctor.catalogue import examine_catalogue
from linkage_runtime.doctor.clocks import Reading, judge_clock
from linkage_runtime.doctor.finding import Finding, ok, wrong
from linkage_runtime.doctor.indexes import examine_indexes
from linkage_runtime.doctor.keys import examine_keys
from linkage_runtime.doctor.personal_keys import examine_personal_keys
from linkage_runtime.doctor.webhook_secrets import examine_webhook_secrets
from linkage_runtime.errors import TransientError
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.mongo import connect

_MONGO = "mongo"
_UNREACHABLE = (
    "核对 LINKAGE_MONGO (地址、账户、TLS)，查看数据库日志和网络",
    "check LINKAGE_MONGO (addresses, user, TLS); see the database's log, and the network",
)


async def examine_database(mongo: str, master: MasterKeys | None) -> list[Finding]:
    """Ask the primary who it is, then look at what is stored."""
    try:
        client: AsyncIOMotorClient[dict[str, Any]] = connect(mongo)
    except PyMongoError as error:
        # Not its words: it may repeat the password.
        said = type(error).__name__
        return [
            wrong(
                _MONGO,
                (f"LINKAGE_MONGO 无法解析: {said}", f"LINKAGE_MONGO cannot be read: {said}"),
                mend=("形如 mongodb://user:password@host:27017/", "write it as a MongoDB URI"),
            )
        ]
    try:
        return [
            *await _examine_server(client),
            *await examine_indexes(client),
            *await examine_catalogue(client),
            *await examine_keys(client),
            *await examine_personal_keys(client, master),
            *await examine_webhook_secrets(client, master),
        ]
    except (PyMongoError, TransientError) as error:
        # What pymongo knows of the topology fills a screen.
        said = f"{type(error).__name__} {str(error).partition(', Timeout:')[0]}"[:300]
        about = (f"数据库未应答或拒绝: {said}", f"the database does not answer, or refuses: {said}")
        return [wrong(_MONGO, about, mend=_UNREACHABLE)]
    finally:
        client.close()


async def _examine_server(client: AsyncIOMotorClient[dict[str, Any]]) -> list[Finding]:
    before = now()
    told = await client.admin.command("hello")
    local = told["localTime"].replace(tzinfo=UTC)
    reading = Reading(before=before, told=local, after=now())
    return [judge_server(told), judge_clock("mongo", reading)]


def judge_server(told: dict[str, Any]) -> Finding:
    """It must be the primary of a replica set: writes are acknowledged by its majority."""
    if not told.get("isWritablePrimary"):
        return wrong(
            _MONGO,
            ("所连接的成员不接受写入", "the member that answers takes no writes"),
            mend=("查看副本集是否选出主节点", "see whether the replica set has a primary"),
        )
    if "setName" not in told:
        return wrong(
            _MONGO,
            ("不是副本集", "it is no replica set"),
            mend=("以 --replSet 启动并初始化", "start it with --replSet and initiate the set"),
        )
    count = len(told["hosts"])
    return ok(_MONGO, (f"主节点应答，{count} 个成员", f"the primary answers; members: {count}"))
