"""The AsyncAPI document is one: checked by the parser of the AsyncAPI project itself, on Node."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from linkage_contracts.generate import ROOT
from tests.lacking import lacks

VERSION = "3.6.3"
# 55 MB are fetched once for each user; later runs read only this folder.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "linkage")
INSTALL_SECONDS = 300
VALIDATE = """
const { Parser } = require("@asyncapi/parser");
const { readFileSync } = require("fs");
const source = process.argv[1];
new Parser().validate(readFileSync(source, "utf8"), { source }).then((found) => {
  process.stdout.write(JSON.stringify(found));
});
"""
# Of a diagnostic: 0 error, 1 warning, 2 information (such as: there is a newer version).
WORST_ALLOWED = 2


@pytest.fixture(scope="module")
def parser() -> Path:
    """The folder that has the parser, installed by npm on first use."""
    folder = CACHE / f"asyncapi-parser-{VERSION}"
    tools = ("node",) if folder.is_dir() else ("node", "npm")
    if missing := [tool for tool in tools if shutil.which(tool) is None]:
        reason = f"the AsyncAPI document is checked on Node: no {missing[0]} on the path"
        lacks(reason)
    if not folder.is_dir():
        install(folder)
    return folder


def install(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch, "parser")
        fresh.mkdir()
        run(
            [
                "npm",
                "install",
                "--prefix",
                str(fresh),
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                f"@asyncapi/parser@{VERSION}",
            ],
            cwd=fresh,
            timeout=INSTALL_SECONDS,
        )
        try:
            fresh.rename(folder)
        except OSError:
            # Another run of this user was quicker; its copy is as good as ours.
            if not folder.is_dir():
                raise


def run(argv: list[str], *, cwd: Path, timeout: float) -> str:
    done = subprocess.run(
        argv, check=False, cwd=cwd, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def complaints(document: Path, parser: Path) -> list[str]:
    said = run(["node", "--eval", VALIDATE, str(document)], cwd=parser, timeout=120)
    found: list[dict[str, Any]] = json.loads(said)
    return [
        f"{Path(one['source']).name}: {one['message']}"
        for one in found
        if one["severity"] < WORST_ALLOWED
    ]


def test_the_asyncapi_document_is_valid_with_every_schema_it_refers_to(parser: Path) -> None:
    assert complaints(ROOT / "asyncapi.json", parser) == []
