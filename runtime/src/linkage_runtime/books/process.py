"""The keeper of the books as a process: a run every minute, and what it found as metrics."""

import asyncio
import signal
import time
from datetime import timedelta

import structlog
import uvloop
from prometheus_client import Counter, Gauge, Histogram

from linkage_runtime.books.claims import STAGES
from linkage_runtime.books.keeping import GRACE, Books, Report, open_books
from linkage_runtime.clock import now
from linkage_runtime.errors import TransientError
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import serve_probes
from linkage_runtime.settings import ProbeSettings

log = structlog.get_logger()

UNACCOUNTED = Gauge(
    "linkage_unaccounted", "What stands in one place and not where it must beside.", ["stage"]
)
UNDER_WAY = Gauge("linkage_books_under_way", "Claims younger than the grace, not fulfilled yet.")
LAG_MESSAGES = Gauge("linkage_books_lag_messages", "Records on the topics not read by the books.")
LAG_SECONDS = Gauge("linkage_books_lag_seconds", "Since the books last were read to the end.")
RUN_SECONDS = Histogram(
    "linkage_books_run_seconds", "One run of the books.", buckets=(0.1, 0.3, 1, 3, 10, 30, 60, 300)
)
RUNS = Counter(
    "linkage_books_runs_total", "Runs of the books, by what became of them.", ["outcome"]
)
_OUTCOMES = ("balanced", "unaccounted", "failed")
_NAMED = 20
"""Differences that one run logs; `linkage reconcile` names all."""


class BooksSettings(ProbeSettings):
    """``LINKAGE_*`` variables of this process."""

    kafka: str
    log_level: str = "info"
    books_every: timedelta = timedelta(seconds=60)
    books_grace: timedelta = GRACE


def main() -> None:
    """Keep the books until told to stop."""
    settings = BooksSettings()
    configure_logs("linkage-books", settings.log_level)
    uvloop.run(keep_for_ever(settings))


async def keep_for_ever(settings: BooksSettings) -> None:
    """Run beside the probes; trouble outside is left to the next run, and shows in the lag."""
    for stage in STAGES:
        UNACCOUNTED.labels(stage)
    for outcome in _OUTCOMES:
        RUNS.labels(outcome)
    caught_up = [time.monotonic()]
    LAG_SECONDS.set_function(lambda: time.monotonic() - caught_up[0])
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    async def is_kept() -> bool:
        return time.monotonic() - caught_up[0] < 3 * settings.books_every.total_seconds()

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(serve_probes(settings, {"kept": is_kept})),
            group.create_task(_runs(settings, caught_up)),
        ]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _runs(settings: BooksSettings, caught_up: list[float]) -> None:
    every = settings.books_every.total_seconds()
    while True:
        try:
            async with open_books(settings.kafka, settings.mongo.get_secret_value()) as books:
                while True:
                    begun = time.monotonic()
                    await _run(books, settings)
                    caught_up[0] = begun
                    took = time.monotonic() - begun
                    RUN_SECONDS.observe(took)
                    await asyncio.sleep(max(0.0, every - took))
        except TransientError as error:
            RUNS.labels("failed").inc()
            log.warning("books not kept", cause=str(error))
            await asyncio.sleep(every)


async def _run(books: Books, settings: BooksSettings) -> None:
    await books.keep(now())
    report = await books.report(now(), settings.books_grace)
    for stage in STAGES:
        UNACCOUNTED.labels(stage).set(report.unaccounted[stage])
    UNDER_WAY.set(report.under_way)
    LAG_MESSAGES.set(report.lag)
    RUNS.labels("unaccounted" if report.total else "balanced").inc()
    _tell(report)


def _tell(report: Report) -> None:
    for one in report.named[:_NAMED]:
        log.error(
            "unaccounted", stage=one.claim.stage, id=one.claim.id, missing_in=str(one.claim.place)
        )
    if report.total:
        log.error("books do not balance", unaccounted=report.total)


if __name__ == "__main__":
    main()
