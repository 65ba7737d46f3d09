"""Lets each service make the indexes of its own databases, before its processes start."""

import os
import subprocess
import sys
from collections.abc import Mapping

from linkage_runtime.errors import LinkageError

MODULES = (
    "approval_events.entrypoints.provision",
    "supervision_push.entrypoints.provision",
    "credit.entrypoints.provision",
)


class StoreError(LinkageError):
    """A service could not make its indexes."""


def provision_stores(environment: Mapping[str, str], *, modules: tuple[str, ...] = MODULES) -> None:
    """Run every service's own provisioning, side by side; what exists already stays.

    Args:
        environment: the settings of the services, LINKAGE_MONGO among them.
        modules: what to run with ``python -m``.

    Raises:
        StoreError: one of them failed; the message has what it said.
    """
    running = [
        subprocess.Popen(
            (sys.executable, "-m", module),
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for module in modules
    ]
    said = [process.communicate()[0] for process in running]
    for module, process, text in zip(modules, running, said, strict=True):
        if process.returncode:
            raise StoreError(f"{module} failed ({process.returncode}): {text.strip()}")
