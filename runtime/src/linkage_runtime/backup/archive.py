"""Back up and restore the folder of an embedded stack: log, stores, keys, all of one moment.

The stack must be stopped: neither embedded part can be copied while it writes. Everything of one
moment also means that log, stores and consumer groups agree, so nothing is told twice afterwards.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from linkage_runtime.clock import now
from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.process import is_held

_MANIFEST = "manifest.json"
_PARTS = ("noida-db", "secantusdb", "linkage-runtime")
_KEPT = ("data", "master.key", "stack.json")
_OWNER_ONLY = 0o600
_BLOCK = 1 << 20


class BackupError(LinkageError):
    """Nothing was backed up, or nothing restored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a file holds."""

    made_at: datetime
    files: int
    size: int
    """In bytes, unpacked."""
    versions: dict[str, str]


def back_up(folder: StackFolder, target: Path) -> Backup:
    """Write the file whole or not at all.

    Raises:
        BackupError: something of the stack still runs, there is none, or the file exists.
    """
    refuse_running(folder)
    paths = sorted(_files(folder))
    if not (folder.root / "master.key").exists():
        raise BackupError(f"{folder.root} 中没有可备份的数据 (no stack in this folder)")
    if target.exists():
        raise BackupError(f"{target} 已存在 (exists already)")
    manifest = {
        "made_at": now().isoformat(),
        "versions": _versions(),
        "files": {str(p.relative_to(folder.root)): _digest(p) for p in paths},
    }
    unfinished = target.with_name(f"{target.name}.unfinished")
    unfinished.touch(mode=_OWNER_ONLY)
    with tarfile.open(unfinished, "w:gz", compresslevel=1) as archive:
        _add_text(archive, _MANIFEST, json.dumps(manifest, indent=2))
        for path in paths:
            archive.add(path, arcname=str(path.relative_to(folder.root)), recursive=False)
    unfinished.rename(target)
    return _told(manifest, sum(path.stat().st_size for path in paths))


def restore(source: Path, folder: StackFolder) -> Backup:
    """Unpack into an empty folder, and check every byte.

    Raises:
        BackupError: the folder is not empty, or the file is not whole; nothing is left then.
    """
    if folder.root.exists() and any(folder.root.iterdir()):
        raise BackupError(f"{folder.root} 不是空目录 (is not empty: restore into a new folder)")
    unfinished = folder.root.with_name(f"{folder.root.name}.unfinished")
    if unfinished.exists():
        raise BackupError(f"{unfinished} 是中断的恢复,请先删除 (an interrupted restore: remove it)")
    try:
        with tarfile.open(source) as archive:
            archive.extractall(unfinished, filter="data")
        manifest = json.loads((unfinished / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        raise BackupError(f"{source} 不是完整的备份 (is no whole backup): {error}") from error
    for name, digest in manifest["files"].items():
        path = unfinished / PurePosixPath(name)
        if not path.is_file() or _digest(path) != digest:
            raise BackupError(f"{source}: {name} 已损坏 (is damaged)")
    (unfinished / _MANIFEST).unlink()
    StackFolder(unfinished).restored.write_text(manifest["made_at"], encoding="utf-8")
    if folder.root.exists():
        folder.root.rmdir()
    folder.root.parent.mkdir(parents=True, exist_ok=True)
    unfinished.rename(folder.root)
    return _told(manifest, sum(path.stat().st_size for path in _files(folder)))


def refuse_running(folder: StackFolder) -> None:
    """Look whether any process of the stack lives.

    Raises:
        BackupError: one does; names it.
    """
    held = [path.stem for path in (folder.root / "pids").glob("*.pid") if is_held(path)]
    if held:
        raise BackupError(
            f"{'、'.join(sorted(held))} 仍在运行,请先停止 linkage up "
            "(still runs: stop `linkage up`, embedded parts are not copied while they write)"
        )


def _files(folder: StackFolder) -> Iterator[Path]:
    for name in _KEPT:
        path = folder.root / name
        yield from (one for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file())


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text.encode()), _OWNER_ONLY
    archive.addfile(entry, io.BytesIO(text.encode()))


def _versions() -> dict[str, str]:
    found = {}
    for part in _PARTS:
        try:
            found[part] = version(part)
        except PackageNotFoundError:
            continue
    return found


def _told(manifest: dict[str, Any], size: int) -> Backup:
    return Backup(
        made_at=datetime.fromisoformat(manifest["made_at"]),
        files=len(manifest["files"]),
        size=size,
        versions=manifest["versions"],
    )
