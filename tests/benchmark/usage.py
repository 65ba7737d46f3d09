"""What each process of a stack used while something ran: CPU, memory, bytes written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Of one process."""

    cpu_seconds: float
    memory_bytes: int
    """Resident, now."""
    written_bytes: int
    """To disk."""

    def since(self, before: "Usage") -> "Usage":
        """What was used in between; memory is as it stands."""
        return Usage(
            cpu_seconds=self.cpu_seconds - before.cpu_seconds,
            memory_bytes=self.memory_bytes,
            written_bytes=self.written_bytes - before.written_bytes,
        )


def usage_of(pid_files: Path) -> Mapping[str, Usage]:
    """By name, for every process that left a pid file in this folder and still runs."""
    found = {}
    for file in sorted(pid_files.glob("*.pid")):
        process = psutil.Process(int(file.read_text(encoding="utf-8")))
        with process.oneshot():
            times = process.cpu_times()
            found[file.stem] = Usage(
                cpu_seconds=times.user + times.system,
                memory_bytes=process.memory_info().rss,
                written_bytes=process.io_counters().write_bytes,
            )
    return found
