"""What each broker of a small Apache Kafka is told: its listeners, its peers, who may do what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from linkage_runtime.stack.ports import HeldPort


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxied:
    """A second way in: the broker listens on ``inner``, clients are told of ``outer``."""

    inner: HeldPort
    outer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One broker, which is a controller too (KRaft)."""

    number: int
    port: HeldPort
    controller: HeldPort
    proxied: Proxied | None = None

    def hand_over(self) -> None:
        """All its ports, for a broker that is about to start."""
        self.port.hand_over()
        self.controller.hand_over()
        if self.proxied:
            self.proxied.inner.hand_over()


def broker_settings(
    node: Node,
    cluster: Sequence[Node],
    logs: Path,
    users: Mapping[str, str],
    certificate: Path | None = None,
) -> dict[str, object]:
    """The properties of one broker of a cluster.

    Args:
        node: the broker.
        cluster: all brokers, this one too.
        logs: where its data goes.
        users: names and passwords; none means that nobody is asked.
        certificate: a PEM file with key and chain: users come in by TLS.
    """
    return _plain(node, cluster, logs) | _proxied(node) | _secured(users, node, certificate)


def _plain(node: Node, cluster: Sequence[Node], logs: Path) -> dict[str, object]:
    replicas = len(cluster)
    in_sync = min(2, replicas)
    voters = (f"{one.number}@{one.controller.address}" for one in cluster)
    return {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "controller.quorum.voters": ",".join(voters),
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{node.port.address},CONTROLLER://{node.controller.address}",
        "advertised.listeners": f"PLAINTEXT://{node.port.address}",
        "log.dirs": logs,
        # Topics are made by `linkage provision` only, with the right partitions and retention.
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": replicas,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.num.partitions": 8,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": replicas,
        "share.coordinator.state.topic.min.isr": in_sync,
        # Members of a test's group need not wait for one another.
        "group.initial.rebalance.delay.ms": 0,
        # Controlled shutdown stays on: without it the next start waits 9 s for the old session.
    }


def _proxied(node: Node) -> dict[str, object]:
    if node.proxied is None:
        return {}
    own, inner = node.port.address, node.proxied.inner.address
    return {
        "listeners": (
            f"PLAINTEXT://{own},PROXIED://{inner},CONTROLLER://{node.controller.address}"
        ),
        "advertised.listeners": f"PLAINTEXT://{own},PROXIED://{node.proxied.outer}",
        "listener.security.protocol.map": (
            "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT"
        ),
        "inter.broker.listener.name": "PLAINTEXT",
    }


def _secured(users: Mapping[str, str], node: Node, certificate: Path | None) -> dict[str, object]:
    if not users:
        return {}
    first = next(iter(users))
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    way = "SASL_SSL" if certificate else "SASL_PLAINTEXT"
    return {
        "listeners": f"{way}://{node.port.address},CONTROLLER://{node.controller.address}",
        "advertised.listeners": f"{way}://{node.port.address}",
        "listener.security.protocol.map": f"CONTROLLER:PLAINTEXT,{way}:{way}",
        "inter.broker.listener.name": way,
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        f"listener.name.{way.lower()}.scram-sha-512.sasl.jaas.config": (
            f'{login} username="{first}" password="{users[first]}";'
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        # Broker and controller are one process and meet without a password, on loopback.
        "super.users": f"User:{first};User:ANONYMOUS",
        **_encrypted(certificate),
    }


def _encrypted(certificate: Path | None) -> dict[str, object]:
    if certificate is None:
        return {}
    # The broker looks whether a client of its own would trust it: the authority is in the file too.
    return {
        f"ssl.{store}.{setting}": value
        for store in ("keystore", "truststore")
        for setting, value in (("type", "PEM"), ("location", certificate))
    }
