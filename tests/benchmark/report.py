"""Figures as a person reads them."""

from collections.abc import Sequence

from rich.table import Table

from linkage_runtime.command.console import console
from tests.benchmark.measures import Measured


def show(title: str, found: Sequence[Measured]) -> None:
    """Two tables: the loads, and what each process used for a decision."""
    loads = Table("load", "decisions/s", "accepted/s", "delivered p50", "p99", "p99.9", title=title)
    for one in found:
        delivered = one.latency["delivered"]
        loads.add_row(
            one.name,
            f"{one.per_second:,.0f}",
            f"{one.accepted_per_second:,.0f}",
            *(f"{delivered[q]:,.0f} ms" for q in ("p50", "p99", "p99.9")),
        )
    used = Table("CPU ms a decision", *(one.name for one in found))
    for process in found[0].cpu_ms:
        used.add_row(process, *(f"{one.cpu_ms[process]:.2f}" for one in found))
    used.add_row("without the receiver", *(f"{one.cpu_ms_in_all:.2f}" for one in found))
    console.print(loads, used)
