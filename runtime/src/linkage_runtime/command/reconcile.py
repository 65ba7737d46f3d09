"""`linkage reconcile`: compare the topics with every store, and name each difference."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer
from rich.table import Table

from linkage_runtime.books.audit import audit
from linkage_runtime.books.keeping import GRACE, Report, open_books
from linkage_runtime.books.ports import Owed
from linkage_runtime.books.process import BooksSettings, keep_for_ever
from linkage_runtime.books.sheet import COLUMNS
from linkage_runtime.clock import SHANGHAI, NoMomentError, moment_in, now
from linkage_runtime.command.connection import Place
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder, Kafka, Mongo
from linkage_runtime.errors import LinkageError

_SHOWN_HOURS = 24
_EVERYTHING = 200


@dataclass(frozen=True, slots=True)
class Window:
    """Which hours of decision, and whose decisions."""

    since: datetime | None
    until: datetime | None
    authority: str | None

    def __contains__(self, owed: Owed) -> bool:
        """Whether a difference lies in it."""
        hour = owed.moment.hour
        return (
            (self.since is None or hour >= self.since)
            and (self.until is None or hour < self.until)
            and self.authority in {None, owed.moment.authority}
        )


def reconcile(  # noqa: PLR0913 -- each is an option
    *,
    since: Annotated[
        str | None,
        typer.Option(help="Hours of decision from here: 2026-11-25 or …T08:00, Beijing."),
    ] = None,
    until: Annotated[str | None, typer.Option(help="… and before here.")] = None,
    authority: Annotated[str | None, typer.Option(help="One bureau's decisions.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    every: Annotated[
        int | None, typer.Option(help="Keep the books for ever, a run every so many seconds.")
    ] = None,
    grace: Annotated[int, typer.Option(help="Seconds that an event may be on its way.")] = int(
        GRACE.total_seconds()
    ),
    from_beginning: Annotated[
        bool,
        typer.Option(
            "--from-beginning",
            help="Audit everything again: for stores that were broken after they had balanced.",
        ),
    ] = False,
    kafka: Kafka = None,
    mongo: Mongo = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Balance the books; exits 1 and names every difference if they don't.

    Reads what was written since the last time; --from-beginning reads all, in memory too.
    """
    try:
        window = Window(_moment(since), _moment(until), authority)
        place = Place(kafka, mongo, folder).found()
        if every is not None:
            asyncio.run(keep_for_ever(_settings(*place, every, grace)))
            return
        if from_beginning:
            unaccounted = _audit(*place, as_json=as_json, wait=grace)
        else:
            told = asyncio.run(_keep(*place, window, timedelta(seconds=grace)))
            unaccounted = _tell(*told, window, as_json=as_json)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    if unaccounted:
        raise typer.Exit(1)


def _settings(kafka: str, mongo: str, every: int, grace: int) -> BooksSettings:
    return BooksSettings.model_validate(
        {"kafka": kafka, "mongo": mongo, "books_every": every, "books_grace": grace}
    )


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else moment_in(text)
    except NoMomentError as error:
        raise typer.BadParameter(str(error)) from error


Sheet = Mapping[datetime, Counter[str]]


async def _keep(kafka: str, mongo: str, window: Window, grace: timedelta) -> tuple[Report, Sheet]:
    async with open_books(kafka, mongo) as books:
        await books.keep(now())
        report = await books.report(now(), grace)
        return report, await books.book.hours(window.since, window.until, window.authority)


def _tell(report: Report, sheet: Sheet, window: Window, *, as_json: bool) -> int:
    named = [one for one in report.named if one in window]
    everything = window == Window(None, None, None)
    total = report.total if everything else len(named)
    if as_json:
        typer.echo(json.dumps(_as_json(report, sheet, named, total), ensure_ascii=False, indent=2))
        return total
    _show_sheet(sheet)
    for one in named[:_EVERYTHING]:
        console.print(f"✗ {_sentence(one)}", style="red", markup=False, soft_wrap=True)
    for act in report.acts if everything else ():
        told = f"✗ act {act}: 事件未发布 (acted on, and its event is not acknowledged)"
        console.print(told, style="red", markup=False, soft_wrap=True)
    if total > len(named[:_EVERYTHING]) + len(report.acts):
        console.print(f"… 共 {total} 项,--json 列出前 1000 项 (--json names the first 1,000)")
    console.print(
        f"未平 unaccounted: {total}; 在途 under way: {report.under_way}; "
        f"未读 not read yet: {report.lag}",
        style="red" if total else "green",
    )
    return total


def _show_sheet(sheet: Sheet) -> None:
    used = [name for name in COLUMNS if any(sums[name] for sums in sheet.values())]
    heads = (f"{COLUMNS[name]}\n{name.replace('_', ' ')}" for name in used)
    table = Table("决定时间\nhour of decision", *heads, box=None)
    hours = list(sheet.items())
    for hour, sums in hours[-_SHOWN_HOURS:]:
        table.add_row(_hour(hour), *(str(sums[name]) for name in used))
    total = sum(sheet.values(), Counter[str]())
    table.add_row("合计 all", *(str(total[name]) for name in used), style="bold")
    if len(hours) > _SHOWN_HOURS:
        left = len(hours) - _SHOWN_HOURS
        console.print(f"… 之前还有 {left} 个小时,用 --since 查看 (earlier hours: --since)")
    console.print(table)


def _hour(hour: datetime) -> str:
    return f"{hour.astimezone(SHANGHAI):%Y-%m-%d %H:00}"


def _sentence(owed: Owed) -> str:
    claim, since = owed.claim, owed.since.astimezone(SHANGHAI)
    stands = f",而 {owed.origin[0]} 中有 {owed.origin[1]} (stands there)" if owed.origin else ""
    return (
        f"{claim.stage} {claim.id}: {claim.place} 中没有 (not in {claim.place}){stands}; "
        f"自 since {since:%m-%d %H:%M:%S}"
    )


def _as_json(report: Report, sheet: Sheet, named: list[Owed], total: int) -> dict[str, Any]:
    return {
        "at": report.at.isoformat(),
        "unaccounted": total,
        "by_stage": {stage: n for stage, n in sorted(report.unaccounted.items()) if n},
        "under_way": report.under_way,
        "not_read": report.lag,
        "differences": [
            {
                "stage": one.claim.stage,
                "id": one.claim.id,
                "missing_in": str(one.claim.place),
                "event": one.claim.event,
                "hour": one.moment.hour.isoformat(),
                "authority": one.moment.authority,
                "since": one.since.isoformat(),
                "stands_in": str(one.origin[0]) if one.origin else None,
            }
            for one in named
        ],
        "unpublished_acts": list(report.acts),
        "stores_seen_again": {
            str(place): at.isoformat() if at else None for place, at in report.seen_again.items()
        },
        "hours": [{"hour": hour.isoformat(), **sums} for hour, sums in sheet.items()],
    }


def _audit(kafka: str, mongo: str, *, as_json: bool, wait: float) -> int:
    found = audit(kafka, mongo, wait=wait).unaccounted
    if as_json:
        rows = [{"stage": d.stage, "id": d.id, "missing_in": str(d.missing_in)} for d in found]
        typer.echo(json.dumps({"unaccounted": len(found), "differences": rows}, indent=2))
        return len(found)
    for difference in found:
        console.print(f"✗ {difference}", style="red", markup=False, soft_wrap=True)
    console.print(f"未平 unaccounted: {len(found)}", style="red" if found else "green")
    return len(found)
