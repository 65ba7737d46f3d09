"""Prometheus' and Kubernetes' own tools: a laptop may lack them, CI may not."""

import shutil
import subprocess

from tests.lacking import lacks


def tool(*names: str) -> str:
    """The first that is here; skips where none is, and fails in CI, which installs them."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        missing = f"no {' or '.join(names)} on the path: .ci/run installs it"
        lacks(missing)
    return path


def run(name: str, *arguments: str, text: str | None = None) -> str:
    """What a tool says; fails with it where the tool is not content."""
    command = [tool(name), *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, input=text)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
