"""The whole examination: all parts at once, each bounded in time, none able to end the others."""

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from linkage_runtime.doctor.broker import examine_broker
from linkage_runtime.doctor.calendar import CALENDAR, examine_calendar
from linkage_runtime.doctor.database import examine_database
from linkage_runtime.doctor.finding import Finding, wrong
from linkage_runtime.doctor.processes import examine_processes
from linkage_runtime.doctor.topics import Wanted
from linkage_runtime.kafka_security import KafkaSecurity
from linkage_runtime.master_keys import MasterKeys

PATIENCE_SECONDS: Final = 15.0
"""For each part: longer than the five seconds in which a database's primary is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Where it is, and how it was provisioned."""

    kafka: str
    security: KafkaSecurity
    wanted: Wanted
    mongo: str = field(repr=False)
    master: MasterKeys | None
    probes: Mapping[str, str]
    """Each process's name, and where it serves its probes."""
    calendar: Path


async def examine(deployment: Deployment, *, within: float = PATIENCE_SECONDS) -> list[Finding]:
    """Look at everything; nothing is changed."""
    one = deployment
    parts = {
        "kafka": examine_broker(one.kafka, one.security, one.wanted),
        "mongo": examine_database(one.mongo, one.master),
        "processes": examine_processes(one.probes),
    }
    looks = (_bounded(check, look, within) for check, look in parts.items())
    found = [finding for part in await asyncio.gather(*looks) for finding in part]
    return [*found, *_calendar(one.calendar, found)]


def _calendar(directory: Path, found: Iterable[Finding]) -> list[Finding]:
    """The folder's, where there is one; what the processes loaded they have told themselves."""
    if directory.is_dir() or not any(one.check == CALENDAR for one in found):
        return [examine_calendar(directory)]
    return []


async def _bounded(check: str, look: Awaitable[list[Finding]], within: float) -> list[Finding]:
    try:
        async with asyncio.timeout(within):
            return await look
    except TimeoutError:
        about = (f"{within:.0f} 秒内未查完", f"not done within {within:.0f} s")
    except OSError as error:
        about = (f"无法查看: {error}", f"could not be looked at: {error}")
    mend = (
        "核对地址、证书文件 (LINKAGE_KAFKA_CA) 与网络，再查一次",
        "check addresses, the certificate file (LINKAGE_KAFKA_CA) and network; look again",
    )
    return [wrong(check, about, mend=mend)]
