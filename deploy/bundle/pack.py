"""Gathers wheels, manifests and contracts, writes down every digest, and packs one tar.

For x86-64 Linux and the Python that this runs on: what is gathered is what this machine installed.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import yaml
from packaging.utils import canonicalize_name

from deploy.bundle.needed import needed, pinned

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = (
    *("linkage-contracts", "linkage-runtime"),
    *("approval-events", "supervision-push", "credit"),
)
SUMS = "SHA256SUMS"


def pack(folder: Path) -> tuple[Path, str]:
    """Write the tar into this folder; gives it and its SHA-256.

    Raises:
        CalledProcessError: a wheel could not be built or had, or is not the one that is pinned.
    """
    name = f"linkage-{version('linkage-runtime')}"
    bundle = folder / f"{name}.tar"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        top = Path(scratch, name)
        gather(top)
        with tarfile.open(bundle, "w") as tar:
            tar.add(top, name)
    return bundle, _digest(bundle)


def gather(top: Path) -> None:
    """All files of the bundle, and the digest of each."""
    wheels = top / "wheels"
    wheels.mkdir(parents=True)
    _run(_uv(), "build", "--quiet", "--wheel", "--all-packages", "--out-dir", str(wheels))
    (wheels / ".gitignore").unlink(missing_ok=True)
    own = "".join(
        f"{wheel.name.split('-')[0].replace('_', '-')}=={wheel.name.split('-')[1]}"
        f" --hash=sha256:{_digest(wheel)}\n"
        for wheel in sorted(wheels.glob("*.whl"))
    )
    lock = top / "requirements.txt"
    # pip too, which installs all the others: a Python of Debian's has none.
    names = needed(MEMBERS, ("embedded",)) | {canonicalize_name("pip")}
    lock.write_text(pinned(ROOT / "requirements.lock", names), "utf-8")
    _run(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--only-binary=:all:"),
        *("--dest", str(wheels), "--requirement", str(lock)),
    )
    with lock.open("a", encoding="utf-8") as file:
        file.write(own)
    _copy(top)
    sums = (f"{_digest(path)}  {path.relative_to(top)}\n" for path in sorted(_files(top)))
    (top / SUMS).write_text("".join(sums), encoding="utf-8")


def _copy(top: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__", "*.py")
    for folder in ("deploy", "contracts/schemas", "contracts/examples"):
        shutil.copytree(ROOT / folder, top / folder, ignore=ignore)
    for file in ("contracts/asyncapi.json", "docker-compose.yml", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / file, top / file)
    for file in ("README.md", "check", "install"):
        shutil.copy(Path(__file__).with_name("inside") / file, top / file)
    shutil.rmtree(top / "deploy" / "bundle")
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    images = {service["image"] for service in compose["services"].values()}
    own = version("linkage-runtime")
    named = (image.replace("${LINKAGE_VERSION:-0.1.0}", own) for image in sorted(images))
    (top / "images.txt").write_text("".join(f"{image}\n" for image in named), encoding="utf-8")


def _files(top: Path) -> Iterator[Path]:
    return (path for path in top.rglob("*") if path.is_file() and path != top / SUMS)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _uv() -> str:
    beside = ROOT / ".venv" / "bootstrap" / "bin" / "uv"
    return shutil.which("uv") or str(beside)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=ROOT)
