"""The processes: alive, ready, their clocks, and how far the calendar goes that they loaded."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from prometheus_client.parser import text_string_to_metric_families

from linkage_runtime.clock import now
from linkage_runtime.doctor.books import judge_books
from linkage_runtime.doctor.calendar import judge_horizon
from linkage_runtime.doctor.certificates import judge_certificate
from linkage_runtime.doctor.clocks import Reading, judge_clock
from linkage_runtime.doctor.finding import Finding, ok, warning, wrong

_PROCESSES = "processes"
_CERTIFICATES = "linkage_certificate_expiry_timestamp_seconds"
_HORIZON = "linkage_calendar_horizon_seconds"
_UNACCOUNTED, _BOOKS_BEHIND = "linkage_unaccounted", "linkage_books_lag_seconds"
_EACH_SECONDS = 10.0
"""So that one that drips leaves the others' findings whole."""
_PATIENCE = httpx.Timeout(5.0, connect=3.0)
_DATE_IS_CUT_OFF = timedelta(seconds=1)


async def examine_processes(probes: Mapping[str, str]) -> list[Finding]:
    """Ask every process at the address of its probes, all at once."""
    if not probes:
        return [
            warning(
                _PROCESSES,
                ("不知各进程的地址，未查", "nothing tells where the processes are: not asked"),
                mend=(
                    "用 --probes 或 LINKAGE_PROBES 给出各进程的探针地址",
                    "give the addresses of their probes by --probes or LINKAGE_PROBES",
                ),
            )
        ]
    async with httpx.AsyncClient(timeout=_PATIENCE, trust_env=False) as client:
        asked = (examine_process(client, name, url) for name, url in probes.items())
        return [finding for found in await asyncio.gather(*asked) for finding in found]


async def examine_process(client: httpx.AsyncClient, name: str, url: str) -> list[Finding]:
    """One process: what it says of itself, its clock, and the calendar that it loaded."""
    try:
        async with asyncio.timeout(_EACH_SECONDS):
            before = now()
            alive = await client.get(f"{url}/healthz")
            after = now()
            ready = await client.get(f"{url}/readyz")
            metrics = await client.get(f"{url}/metrics")
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return [_away(name, url, type(error).__name__)]
    if not alive.is_success:
        return [_away(name, url, f"/healthz {alive.status_code}")]
    try:
        told = [*_told(name, metrics.text), *_clock(name, before, alive, after)]
    except (ValueError, TypeError):
        return [_away(name, url, "it speaks of something else")]
    return [_judge_ready(name, ready), *told]


def _clock(name: str, before: datetime, alive: httpx.Response, after: datetime) -> list[Finding]:
    if "date" not in alive.headers:
        return []
    told = parsedate_to_datetime(alive.headers["date"]).astimezone(UTC)
    reading = Reading(before=before, told=told, after=after, coarse=_DATE_IS_CUT_OFF)
    return [judge_clock(name, reading)]


def _away(name: str, url: str, said: str) -> Finding:
    return wrong(
        _PROCESSES,
        (f"{name} 未应答 ({url}: {said})", f"{name} does not answer ({url}: {said})"),
        mend=("启动它；看它的日志", "start it; see its log"),
    )


def _judge_ready(name: str, answer: httpx.Response) -> Finding:
    if answer.is_success:
        return ok(_PROCESSES, (f"{name} 就绪", f"{name} is ready"))
    try:
        failed = ", ".join(check for check, holds in answer.json().items() if not holds)
    except (ValueError, AttributeError):
        failed = str(answer.status_code)
    return wrong(
        _PROCESSES,
        (f"{name} 未就绪: {failed}", f"{name} is not ready: {failed}"),
        mend=(
            "见 deploy/runbooks/LinkageNotReady.md",
            "see deploy/runbooks/LinkageNotReady.md",
        ),
    )


def _told(name: str, metrics: str) -> list[Finding]:
    """What the timekeeper tells of the calendar, the keeper of the books, and of certificates."""
    families = {one.name: one for one in text_string_to_metric_families(metrics)}
    told = {
        asked: sum(sample.value for sample in families[asked].samples)
        for asked in (_HORIZON, _UNACCOUNTED, _BOOKS_BEHIND)
        if asked in families
    }
    found = []
    if _CERTIFICATES in families:
        found += [
            judge_certificate(f"{name} {sample.labels['certificate']}", sample.value, now())
            for sample in families[_CERTIFICATES].samples
        ]
    if _HORIZON in told:
        found.append(judge_horizon(timedelta(seconds=told[_HORIZON]), name))
    if _UNACCOUNTED in told:
        behind = timedelta(seconds=told.get(_BOOKS_BEHIND, 0))
        found.append(judge_books(told[_UNACCOUNTED], behind))
    return found
