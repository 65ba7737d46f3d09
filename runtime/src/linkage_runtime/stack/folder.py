"""The folder of one stack (`.linkage/`): its data, logs, pids, master key and address book."""

import base64
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

# AES-256: wraps the keys of natural persons, and keys the hash of their ids.
_MASTER_KEY_BYTES = 32
_OWNER_ONLY = 0o600


@dataclass(frozen=True, slots=True)
class StackFolder:
    """Where everything of one stack lies; two stacks have two folders."""

    root: Path

    def data(self, name: str) -> Path:
        """Where a part keeps its data; made if absent."""
        path = self.root / "data" / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def log(self, name: str) -> Path:
        """The log file of a process."""
        return self.root / "logs" / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        """The locked pid file of a process."""
        return self.root / "pids" / f"{name}.pid"

    @property
    def address_book(self) -> Path:
        """`stack.json`: where everything listens, and the keys of the sample organisations."""
        return self.root / "stack.json"

    @property
    def restored(self) -> Path:
        """Stands here after a restore, until the next start has seen to it."""
        return self.root / "restored"

    def master_key(self) -> str:
        """The master key in base64, made on first use and kept readable to its owner only."""
        path = self.root / "master.key"
        if not path.exists():
            key = base64.b64encode(secrets.token_bytes(_MASTER_KEY_BYTES)).decode()
            write_private(path, key + "\n")
        return path.read_text(encoding="ascii").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def deploy_folder() -> Path:
    """The repository's `deploy/`: above this file, or above the working directory.

    Raises:
        FileNotFoundError: neither is inside a checkout.
    """
    here = Path(__file__).resolve()
    for start in (*here.parents, *(Path.cwd() / "x").parents):
        if (start / "deploy" / "kafka" / "pom.xml").is_file():
            return start / "deploy"
    raise FileNotFoundError("no deploy/ folder here: run this inside a checkout of linkage")
