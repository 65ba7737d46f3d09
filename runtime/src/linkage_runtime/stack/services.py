"""The processes of the three services and of the books: what each is, and how they start."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.ports import LOOPBACK, HeldPort
from linkage_runtime.stack.process import Child, Command, stop_all

# Nine Python processes import their libraries on as few as two cores.
_START = timedelta(seconds=90)
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceProcess:
    """One process of a service: `python -m module`, with a port for its probes, and for its API."""

    service: str
    role: str
    module: str

    @property
    def name(self) -> str:
        """What the process is called in logs and messages: `credit.worker`."""
        return f"{self.service}.{self.role}"


def _process(service: str, role: str) -> ServiceProcess:
    module = f"{service.replace('-', '_')}.entrypoints.{role}"
    return ServiceProcess(service=service, role=role, module=module)


PROCESSES = (
    _process("approval-events", "api"),
    _process("approval-events", "worker"),
    _process("supervision-push", "api"),
    _process("supervision-push", "worker"),
    _process("supervision-push", "deliverer"),
    _process("supervision-push", "timekeeper"),
    _process("credit", "api"),
    _process("credit", "worker"),
    # Of no service: it asks all three whether they hold what the log tells.
    ServiceProcess(service="linkage", role="books", module="linkage_runtime.books.process"),
)


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process, its child and its ports, which stay the same when the child is started again."""

    process: ServiceProcess
    child: Child
    port: HeldPort
    """Of its API, if it has one."""
    probes: HeldPort

    def is_ready(self) -> bool:
        """Whether its `/readyz` answers 200."""
        try:
            return httpx.get(f"{self.probes.url}/readyz", timeout=2).status_code == _OK
        except httpx.TransportError:
            return False

    def start(self) -> None:
        """Start the child, on the ports that are held for it."""
        self.port.hand_over()
        self.probes.hand_over()
        self.child.start()

    def await_ready(self) -> None:
        """Wait until it is ready.

        Raises:
            ChildError: it ended, or was not ready in time.
        """
        self.child.await_ready(self.is_ready, within=_START)


@dataclass(frozen=True, slots=True)
class Services:
    """All processes that were started, by name."""

    running: Mapping[str, RunningProcess]

    @property
    def urls(self) -> dict[str, str]:
        """Where each service's API listens."""
        return {
            one.process.service: one.port.url
            for one in self.running.values()
            if one.process.role == "api"
        }

    @property
    def metrics(self) -> dict[str, str]:
        """Where each process shows its metrics."""
        return {name: f"{one.probes.url}/metrics" for name, one in self.running.items()}

    def start(self, tell: Callable[[str], None]) -> None:
        """Start all at once, then wait until every one is ready.

        Raises:
            ChildError: one of them ended, or was not ready in time.
        """
        for one in self.running.values():
            one.start()
        for name, one in self.running.items():
            tell(f"waiting for {name}")
            one.await_ready()

    def ended(self) -> list[Child]:
        """The children that ended though nobody asked them to."""
        children = (one.child for one in self.running.values())
        return [child for child in children if child.exit_code is not None]


@contextmanager
def prepared_services(
    folder: StackFolder,
    environment: Mapping[str, str],
    *,
    processes: Sequence[ServiceProcess] = PROCESSES,
) -> Iterator[Services]:
    """Give every process a port; whatever was started is stopped when the context ends.

    Args:
        folder: where logs and pid files go.
        environment: the settings that all processes share.
        processes: what can be started.
    """
    with ExitStack() as ports:
        held = {
            process.name: [ports.enter_context(HeldPort()) for _ in range(2)]
            for process in processes
        }
        # One service asks another over HTTP: approval-events asks credit at its door.
        asked = {"LINKAGE_CREDIT_URL": api[0].url} if (api := held.get("credit.api")) else {}
        running = {}
        for process in processes:
            port, probes = held[process.name]
            command = Command(
                name=process.name,
                argv=(sys.executable, "-m", process.module),
                environment={
                    **environment,
                    **asked,
                    "LINKAGE_HOST": LOOPBACK,
                    "LINKAGE_PORT": str(port.number),
                    "LINKAGE_PROBES_HOST": LOOPBACK,
                    "LINKAGE_PROBES_PORT": str(probes.number),
                },
                log=folder.log(process.name),
                pid_file=folder.pid_file(process.name),
            )
            running[process.name] = RunningProcess(process, Child(command), port, probes)
        try:
            yield Services(running)
        finally:
            stop_all(one.child for one in running.values())
