"""The timekeeper: warns, presses, escalates, deems receipts, and finishes what was left behind.

Several may run: ids come from the deadline and marks are conditional, so each level is told once.
"""

import asyncio
import signal

import uvloop

from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import primary_answers, serve_probes
from linkage_runtime.traces import export_traces
from supervision_push.bootstrap import declaring, unwire, wire
from supervision_push.bootstrap_timekeeping import timekeeping
from supervision_push.settings import Settings


def main() -> None:
    """Keep time until told to stop."""
    settings = Settings()
    configure_logs("supervision-push-timekeeper", settings.log_level)
    export_traces("supervision-push-timekeeper", settings)
    uvloop.run(keep_time(settings))


async def keep_time(settings: Settings) -> None:
    """Run all tasks beside the probes; one that fails for good ends the process, loudly."""
    wiring = wire(settings)
    loop, work = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.set)
    checks = {"mongo": primary_answers(wiring.client)}
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(serve_probes(settings, checks)),
                group.create_task(declaring(wiring, ())),
                *(group.create_task(task, name=name) for name, task in timekeeping(wiring).items()),
            ]
            await work.wait()
            for task in tasks:
                task.cancel()
    finally:
        await unwire(wiring)


if __name__ == "__main__":
    main()
