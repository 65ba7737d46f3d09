"""`linkage replay-feed`: an organisation that lost its database is given its entries again."""

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from linkage_runtime.clock import SHANGHAI, NoMomentError, moment_in
from linkage_runtime.command.connection import answered, client_of
from linkage_runtime.command.console import complain, errors
from linkage_runtime.command.options import DEFAULT_FOLDER, By, Folder, Key, Url, Why, Yes
from linkage_runtime.command.seed import ADMIN
from linkage_runtime.errors import LinkageError

_PAGE = 500


def replay_feed(  # noqa: PLR0913 -- each is an option
    organisation: Annotated[str, typer.Argument(help="Its 统一社会信用代码.")],
    *,
    start: Annotated[
        str,
        typer.Option("--from", help="A cursor of the feed, or 2026-11-25T08:00 (Beijing time)."),
    ],
    by: By,
    why: Why,
    yes: Yes = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            dir_okay=False,
            allow_dash=True,
            help="Write the entries here as NDJSON (- is stdout) and move no subscription.",
        ),
    ] = None,
    url: Url = None,
    key: Key = None,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Deliver all entries since then again on every subscription; or write them to a file.

    Without --yes it only tells what that would be. Repeated entries have their ids: receivers that
    know them may leave them out.
    """
    wanted = {**_start(start), "by": by, "why": why, "dry_run": not yes or output is not None}
    path = f"/v1/feeds/{organisation}"
    try:
        with client_of("supervision-push", ADMIN, url=url, key=key, folder=folder) as api:
            told = answered(api.post(f"{path}:replay", json=wanted)).json()
            _tell(told, to_file=output is not None)
            if output is not None and yes:
                written = _write(output, _entries(api, f"{path}/entries", told))
                errors.print(f"已写出 {written} 条 (entries written): {output}", markup=False)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    if not yes:
        errors.print("以上为试算;加 --yes 执行 (a dry run: add --yes to do it)")


def _start(text: str) -> dict[str, str]:
    try:
        return {"since": moment_in(text).isoformat()}
    except NoMomentError:
        return {"cursor": text}


def _tell(told: dict[str, Any], *, to_file: bool) -> None:
    span = f",{_when(told['first_at'])} 至 to {_when(told['last_at'])}" if told["entries"] else ""
    errors.print(f"信息流条目 {told['entries']} 条 (entries){span}")
    if to_file:
        return
    for one in told["subscriptions"]:
        name = one["name"] or one["id"]
        if not one["is_sent"]:
            what = f"由对方自取,请其从此游标重读 (fetched: read again from) {told['cursor']}"
        else:
            begun = "重发中 being sent again" if one["replaying"] else "将重发 would be sent again"
            what = f"{begun}: {one['entries']}"
        errors.print(f"  {one['channel']} {name} ({one['state']}): {what}", markup=False)
    if not any(one["is_sent"] for one in told["subscriptions"]):
        errors.print(
            "  没有可发送的订阅:用 --output 写成文件,或请对方从此游标重读 (nothing is sent to it: "
            f"use --output, or have it read again from) {told['cursor']}",
            markup=False,
            soft_wrap=True,
        )


def _entries(api: httpx.Client, path: str, told: dict[str, Any]) -> Iterator[str]:
    """As many as were counted: what is written meanwhile is no part of it."""
    left, after = told["entries"], told["cursor"]
    while left > 0:
        page = answered(api.get(path, params={"after": after, "limit": min(left, _PAGE)}))
        entries = page.json()
        if not entries:
            return
        yield from (json.dumps(entry, ensure_ascii=False) for entry in entries)
        left, after = left - len(entries), page.headers["Linkage-Cursor"]


def _write(output: Path, lines: Iterator[str]) -> int:
    written = 0
    to_stdout = str(output) == "-"
    with nullcontext(sys.stdout) if to_stdout else output.open("w", encoding="utf-8") as file:
        for line in lines:
            file.write(line + "\n")
            written += 1
    return written


def _when(text: str) -> str:
    return f"{moment_in(text).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
