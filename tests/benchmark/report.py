"""Figures as a person reads them: on the screen, and as Markdown with plots."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from linkage_runtime.command.console import console
from tests.benchmark.measures import Measured, cpu_ms_in_all

_SHOWN = ("p50", "p99", "p99.9")


def show(title: str, found: Sequence[Measured]) -> None:
    """Three tables: the loads, the stages of each, and what each process used for a decision."""
    loads = Table("load", "decisions/s", "accepted/s", title=title)
    stages = Table("load", "stage, from when it was due", *_SHOWN)
    used = Table("CPU ms a decision", *(one.name for one in found))
    for one in found:
        loads.add_row(one.name, f"{one.per_second:,.0f}", f"{one.accepted_per_second:,.0f}")
        for stage, latency in one.latency.items():
            stages.add_row(one.name, stage, *(f"{latency[q]:,.0f} ms" for q in _SHOWN))
    for process in {process: None for one in found for process in one.cpu_ms}:
        used.add_row(process, *(f"{one.cpu_ms.get(process, 0):.2f}" for one in found))
    used.add_row("in all", *(f"{cpu_ms_in_all(one.cpu_ms):.2f}" for one in found))
    console.print(loads, stages, used)


def markdown(book: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Everything measured so far, profile by profile, as a page."""
    return "\n".join(["# Measured", "", *(line for one in book.items() for line in _profile(*one))])


def _profile(title: str, found: Sequence[Mapping[str, Any]]) -> list[str]:
    ways = "| load | decisions/s | accepted/s | CPU ms a decision | KB written a decision |"
    lines = [f"## {title}", "", ways, "|---|---|---|---|---|"]
    for one in found:
        written = sum(one["written_kb"].values())
        lines.append(
            f"| {one['name']} | {one['per_second']:,.0f} | {one['accepted_per_second']:,.0f} "
            f"| {cpu_ms_in_all(one['cpu_ms']):.2f} | {written:.1f} |"
        )
    lines += ["", "| load | stage | " + " | ".join(_SHOWN) + " |", "|---|---|" + "---|" * 3]
    lines += [
        f"| {one['name']} | {stage} | " + " | ".join(f"{at[q]:,.0f} ms" for q in _SHOWN) + " |"
        for one in found
        for stage, at in one["latency"].items()
    ]
    return [*lines, "", *(line for one in found for line in _plot(one)), ""]


def _plot(one: Mapping[str, Any]) -> list[str]:
    """CPU of each process for a decision, as a chart that Markdown viewers draw (Mermaid)."""
    used = {name: ms for name, ms in one["cpu_ms"].items() if ms >= 0.005}
    names = ", ".join(f'"{name}"' for name in used)
    return [
        "```mermaid",
        "xychart-beta horizontal",
        f'  title "{one["name"]}: CPU ms a decision"',
        f"  x-axis [{names}]",
        f"  bar [{', '.join(f'{ms:.2f}' for ms in used.values())}]",
        "```",
        "",
    ]
