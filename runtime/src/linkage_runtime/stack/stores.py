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

_RUN_EACH = """
import runpy, sys
for module in sys.argv[1:]:
    print(module, flush=True)
    runpy.run_module(module, run_name="__main__")
"""


class StoreError(LinkageError):
    """A service could not make its indexes."""


def provision_stores(environment: Mapping[str, str], *, modules: tuple[str, ...] = MODULES) -> None:
    """Run every service's own provisioning; what exists already stays.

    Args:
        environment: the settings of the services, LINKAGE_MONGO among them.
        modules: what to run with ``python -m``.

    Raises:
        StoreError: one of them failed; the message has what it said.
    """
    # One after the other in one process: most of their time is importing the same libraries.
    run = subprocess.run(
        (sys.executable, "-c", _RUN_EACH, *modules),
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if run.returncode:
        begun = [module for module in modules if f"{module}\n" in run.stdout]
        said = run.stdout.rpartition(f"{begun[-1]}\n")[2].strip()
        raise StoreError(f"{begun[-1]} failed ({run.returncode}): {said}")
