"""`linkage backup` and `linkage restore`: an embedded stack as one file, and back."""

from pathlib import Path
from typing import Annotated

import typer

from linkage_runtime.backup.archive import Backup, back_up
from linkage_runtime.backup.archive import restore as unpack
from linkage_runtime.clock import SHANGHAI
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import DEFAULT_FOLDER, Folder
from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.folder import StackFolder

_MEBIBYTE = 1 << 20


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Is made; must not exist.")],
    *,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Write a stopped embedded stack into one file: log, stores, master key, API keys.

    Kafka and MongoDB of your own are backed up by their own means: deploy/BACKUP.md.
    """
    try:
        made = back_up(StackFolder(folder.resolve()), file)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    console.print(f"已备份 {_told(made)} → {file}", soft_wrap=True, markup=False)
    console.print(
        "此文件含主密钥和 API 密钥,请按密钥保管 (master key and API keys are in it: keep it safe)",
        soft_wrap=True,
    )


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A backup.")],
    *,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Make the folder of a stack again from a backup, here or elsewhere; it must be empty."""
    try:
        made = unpack(file, StackFolder(folder.resolve()))
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    console.print(f"已恢复 {_told(made)} → {folder}", soft_wrap=True, markup=False)
    console.print(
        f"此后请运行 (now run): linkage up --folder {folder}; "
        f"linkage reconcile --from-beginning --folder {folder}",
        soft_wrap=True,
        markup=False,
    )
    for told in (
        "信息流将重新编号,各方从头读取 (feeds are numbered anew: all read from the start)",
        f"{_when(made)} 之后的请各方重新报送 (what was sent since then must be sent again)",
        "之后删除的个人信息请再次删除 (erase again whom you have erased since then)",
    ):
        console.print(f"• {told}", soft_wrap=True, markup=False)


def _told(made: Backup) -> str:
    parts = ", ".join(f"{name} {number}" for name, number in made.versions.items())
    return f"{_when(made)}: {made.files} 个文件 files, {made.size / _MEBIBYTE:.1f} MiB ({parts})"


def _when(made: Backup) -> str:
    return f"{made.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
