"""One more process of a running stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.ports import HeldPort
from linkage_runtime.stack.process import Child
from linkage_runtime.stack.services import RunningProcess


@contextmanager
def another(
    like: RunningProcess,
    folder: StackFolder,
    label: str,
    argv: tuple[str, ...] = (),
) -> Iterator[RunningProcess]:
    """One more like this one, or another program in its place; stopped in the end.

    Args:
        like: whose settings and, if ``argv`` is empty, whose program it has.
        folder: where its log and its pid go.
        label: its name there.
        argv: another program.
    """
    with HeldPort() as port, HeldPort() as probes:
        command = replace(
            like.child.command,
            name=label,
            argv=argv or like.child.command.argv,
            environment={
                **like.child.command.environment,
                "LINKAGE_PORT": str(port.number),
                "LINKAGE_PROBES_PORT": str(probes.number),
            },
            log=folder.log(label),
            pid_file=folder.pid_file(label),
        )
        running = RunningProcess(like.process, Child(command), port, probes)
        running.start()
        try:
            running.await_ready()
            yield running
        finally:
            running.child.stop()
