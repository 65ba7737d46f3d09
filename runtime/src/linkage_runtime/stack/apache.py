"""Apache Kafka itself on one machine, without Docker: the broker that the tests must trust.

Maven copies the jars that `deploy/kafka/pom.xml` names into a cache outside of the tree, once;
then one JVM is broker and controller (KRaft), on loopback only.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from linkage_runtime.errors import LinkageError
from linkage_runtime.stack.apache_settings import Node, Proxied, broker_settings
from linkage_runtime.stack.folder import StackFolder, write_private
from linkage_runtime.stack.part import Part
from linkage_runtime.stack.ports import HeldPort, listens
from linkage_runtime.stack.process import Child, Command

# Up in 2.5 s on a quiet machine; a busy CI may be much slower.
_START = timedelta(seconds=60)
# A first copy downloads 43 MB.
_COPY_SECONDS = 600
# Any 16 bytes in base64: clusters of different folders never meet.
_CLUSTER_ID = "bGlua2FnZS1vbi1vbmUtbQ"
_HEAP = ("-Xms256m", "-Xmx512m")


class ApacheKafkaError(LinkageError):
    """Apache Kafka could not be fetched or prepared."""


def missing_tool(pom: Path) -> str | None:
    """What this machine lacks to run Apache Kafka, or None."""
    if shutil.which("java") is None:
        return "Apache Kafka needs a JDK 17 or newer: no java on the path"
    if not _libraries(pom).is_dir() and shutil.which("mvn") is None:
        return "Apache Kafka's jars are copied by Maven: no mvn on the path"
    return None


@contextmanager
def apache_kafka(
    folder: StackFolder,
    *,
    pom: Path,
    users: Mapping[str, str] = MappingProxyType({}),
    certificate: Path | None = None,
) -> Iterator[str]:
    """Run Apache Kafka while the context lasts; gives its bootstrap address."""
    with apache_broker(folder, pom=pom, users=users, certificate=certificate) as broker:
        yield broker.address


@contextmanager
def apache_broker(
    folder: StackFolder,
    *,
    pom: Path,
    users: Mapping[str, str] = MappingProxyType({}),
    certificate: Path | None = None,
    proxied: Proxied | None = None,
) -> Iterator[Part]:
    """Run Apache Kafka while the context lasts; whoever has it may stop it and start it again.

    Args:
        folder: where data and logs go.
        pom: names the jars.
        users: if there are any, with their passwords, clients must be one of them (SCRAM-SHA-512),
            and all but the first may do only what access rules allow.
        certificate: a PEM file with key and chain: these users come in by TLS only.
        proxied: a second way in, for clients that reach it through a proxy.

    Raises:
        ApacheKafkaError: a tool is missing, or Maven or the storage tool failed.
    """
    with HeldPort() as port, HeldPort() as controller:
        node = Node(number=1, port=port, controller=controller, proxied=proxied)
        with _broker(folder, node, [node], pom=pom, users=users, certificate=certificate) as broker:
            broker.start()
            yield broker


@contextmanager
def apache_brokers(folder: StackFolder, *, pom: Path, brokers: int) -> Iterator[list[Part]]:
    """Run a cluster of brokers, each its controller too; topics may have as many replicas.

    Raises:
        ApacheKafkaError: a tool is missing, or Maven or the storage tool failed.
    """
    with ExitStack() as parts:
        nodes = [
            Node(
                number=number,
                port=parts.enter_context(HeldPort()),
                controller=parts.enter_context(HeldPort()),
            )
            for number in range(1, brokers + 1)
        ]
        cluster = [parts.enter_context(_broker(folder, node, nodes, pom=pom)) for node in nodes]
        for broker in cluster:
            broker.child.start()
        for broker in cluster:
            broker.child.await_ready(broker.answers, within=broker.within)
        yield cluster


@contextmanager
def _broker(
    folder: StackFolder,
    node: Node,
    cluster: Sequence[Node],
    *,
    pom: Path,
    users: Mapping[str, str] = MappingProxyType({}),
    certificate: Path | None = None,
) -> Iterator[Part]:
    """One broker, ready to be started; stopped in the end."""
    if (missing := missing_tool(pom)) is not None:
        raise ApacheKafkaError(missing)
    java = ("java", *_HEAP, "-cp", f"{fetch_libraries(pom)}/*")
    name = "apache-kafka" if len(cluster) == 1 else f"apache-kafka-{node.number}"
    settings = folder.data(name) / "server.properties"
    logs = folder.data(name) / "logs"
    properties = broker_settings(node, cluster, logs, users, certificate)
    write_private(settings, "".join(f"{key}={value}\n" for key, value in properties.items()))
    _run((*java, *_quiet("warn"), "kafka.tools.StorageTool", *_format(settings, users)))
    child = Child(
        Command(
            name=name,
            argv=(*java, *_quiet("warn"), "kafka.Kafka", str(settings)),
            log=folder.log(name),
            pid_file=folder.pid_file(name),
        )
    )
    node.hand_over()
    try:
        yield Part(
            child=child,
            address=node.port.address,
            answers=lambda: listens(node.port.number),
            within=_START,
        )
    finally:
        child.stop()


def fetch_libraries(pom: Path) -> Path:
    """The folder of Kafka's jars, copied there by Maven on first use.

    Raises:
        ApacheKafkaError: Maven failed; the message has what it said.
    """
    libraries = _libraries(pom)
    if libraries.is_dir():
        return libraries
    libraries.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=libraries.parent) as scratch:
        shutil.copy(pom, scratch)
        copied = Path(scratch, "libs")
        goal = ("dependency:copy-dependencies", f"-DoutputDirectory={copied}")
        _run(("mvn", "--quiet", "--batch-mode", "--file", f"{scratch}/{pom.name}", *goal))
        try:
            copied.rename(libraries)
        except OSError:
            # Another session of this user was quicker; its copy is as good as ours.
            if not libraries.is_dir():
                raise
    return libraries


def _libraries(pom: Path) -> Path:
    version = re.search(r"<kafka\.version>(.+?)</", pom.read_text(encoding="utf-8"))
    if version is None:
        raise ApacheKafkaError(f"{pom} names no kafka.version")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "linkage" / f"{pom.parent.name}-{version[1]}"


def _run(argv: tuple[str, ...]) -> None:
    try:
        subprocess.run(argv, check=True, capture_output=True, text=True, timeout=_COPY_SECONDS)
    except subprocess.CalledProcessError as error:
        said = f"{error.stdout}\n{error.stderr}".strip()
        raise ApacheKafkaError(f"{argv[0]} failed ({error.returncode}): {said}") from error
    except subprocess.TimeoutExpired as error:
        raise ApacheKafkaError(f"{argv[0]} was not done after {error.timeout:g} s") from error


def _quiet(level: str) -> tuple[str, ...]:
    return (f"-Dorg.slf4j.simpleLogger.defaultLogLevel={level}",)


def _format(settings: Path, users: Mapping[str, str]) -> tuple[str, ...]:
    known = (f"SCRAM-SHA-512=[name={name},password={users[name]}]" for name in users)
    added = (argument for user in known for argument in ("--add-scram", user))
    return ("format", "--ignore-formatted", "-t", _CLUSTER_ID, "-c", str(settings), *added)
