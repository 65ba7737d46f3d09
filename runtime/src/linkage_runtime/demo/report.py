"""What the demo prints at its end, and the same as JSON: counted from the log and the stores."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from linkage_contracts.generate import type_of
from linkage_contracts.topics import TOPICS
from linkage_runtime.books.audit import Audit
from linkage_runtime.books.counts import by_organisation, class_changes, counts
from linkage_runtime.command.console import console
from linkage_runtime.demo.desk import Shown

_COLUMNS = {
    "opened": "推送\npushed",
    "received": "签收\nreceived",
    "returned": "退回\nreturned",
    "enrolled": "纳管\nenrolled",
    "fed_back": "反馈\nfed back",
    "overdue": "逾期\noverdue",
    "escalated": "督办\nescalated",
    "results_received": "结果签收\nreceived",
    "results_returned": "结果退回\nreturned",
    "results_acted": "处置反馈\nacted on",
}
_SHOWN_ORGANISATIONS = 14
_SHOWN_CHANGES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run of the demo left behind."""

    names: dict[str, str]
    books: Audit
    imports: dict[str, Counter[str]]
    again: dict[str, Counter[str]]
    rejected_rows: dict[str, list[int]]
    expected: dict[str, Any]
    shown: list[Shown]
    lost: str | None
    import_seconds: float
    seconds: float


def report(ran: Ran) -> dict[str, Any]:
    """Print the tables; returns the summary for ``demo.json``."""
    summary = summarise(ran)
    _print_imports(ran)
    _print_organisations(ran)
    _print_changes(ran)
    for shown in ran.shown:
        console.print(f"• {shown.what}: [bold]{shown.came}[/]")
    _print_balance(ran, summary)
    return summary


def summarise(ran: Ran) -> dict[str, Any]:
    """The numbers, by what stands on the topics and in the stores."""
    numbers = counts(ran.books.log, ran.books.stores)
    sent = sum(ran.imports.values(), Counter[str]())
    seen = {type_ for type_, lines in ran.books.log.lines.items() if lines}
    return numbers | {
        "decisions": numbers["decisions"]
        | {
            "accepted": numbers["decisions"]["events"],
            "known": sum(tally["known"] for tally in (ran.imports | {}).values()),
            "rejected": _rejected(sent),
        },
        "imported_again": {
            "accepted": sum(tally["accepted"] for tally in ran.again.values()),
            "known": sum(tally["known"] for tally in ran.again.values()),
        },
        "rejected_as_expected": ran.rejected_rows == _expected_rows(ran.expected),
        "event_types_missing": sorted(
            type_of(event)
            for topic in TOPICS
            for event in topic.event_types
            if type_of(event) not in seen
        ),
        "throughput": {"imported_rows_per_second": round(sent.total() / ran.import_seconds)},
        "unaccounted": len(ran.books.unaccounted),
        "unaccounted_ids": [str(difference) for difference in ran.books.unaccounted],
        "seconds": round(ran.seconds, 1),
    }


def _rejected(tally: Counter[str]) -> int:
    return tally.total() - tally["accepted"] - tally["known"]


def _expected_rows(expected: dict[str, Any]) -> dict[str, list[int]]:
    return {
        name: sorted(broken["row"] for broken in file["broken"])
        for name, file in expected["files"].items()
    }


def _print_imports(ran: Ran) -> None:
    table = Table(
        "文件 file", "已接收 accepted", "已有 known", "未通过 rejected", "再次导入 again", box=None
    )
    for name, tally in ran.imports.items():
        again = ran.again.get(name)
        table.add_row(
            name,
            str(tally["accepted"]),
            str(tally["known"]),
            str(_rejected(tally)),
            f"{again['accepted']} 新 new / {again['known']} 已有 known" if again else "",
        )
    console.print(table)


def _print_organisations(ran: Ran) -> None:
    table = Table("单位 authority", *_COLUMNS.values(), title="双推送双回路 by authority", box=None)
    rows = sorted(by_organisation(ran.books.log).items(), key=lambda row: -row[1].total())
    for organisation, row in rows[:_SHOWN_ORGANISATIONS]:
        table.add_row(
            ran.names.get(organisation, organisation), *(str(row[name]) for name in _COLUMNS)
        )
    rest = sum((row for _, row in rows[_SHOWN_ORGANISATIONS:]), Counter[str]())
    if rest:
        others = f"其他 {len(rows) - _SHOWN_ORGANISATIONS} 个单位"
        table.add_row(others, *(str(rest[name]) for name in _COLUMNS))
    console.print(table)


def _print_changes(ran: Ran) -> None:
    changes = class_changes(ran.books.log)
    table = Table(
        "主体 party", "由 from", "至 to", "原因 why", title="信用风险分类变化 class changes"
    )
    for change in changes[:_SHOWN_CHANGES]:
        table.add_row(change.party, change.before, change.after, change.why)
    console.print(table)
    if len(changes) > _SHOWN_CHANGES:
        console.print(f"… 共 {len(changes)} 次变化 changes in all")


def _print_balance(ran: Ran, summary: dict[str, Any]) -> None:
    for difference in ran.books.unaccounted:
        console.print(f"✗ {difference}", style="red", markup=False, soft_wrap=True)
    linkages, decisions = summary["linkages"], summary["decisions"]
    console.print(
        f"决定 decisions {decisions['accepted']}, 推送 pushes {summary['pushes']['opened']}, "
        f"联动 linkages {linkages['closed']} 闭合 closed / {linkages['open']} 办理中 open; "
        f"导入 {summary['throughput']['imported_rows_per_second']} 行/秒 rows/s; "
        f"{summary['seconds']} s"
    )
    style = "red" if ran.books.unaccounted else "green"
    console.print(f"未平账 unaccounted: {len(ran.books.unaccounted)}", style=style)
    if summary["event_types_missing"]:
        console.print(
            f"未出现的事件 events not seen: {summary['event_types_missing']}", style="red"
        )
