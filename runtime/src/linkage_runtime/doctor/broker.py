"""The broker: who answers, and whether every topic stands as it is registered."""

import asyncio
from collections.abc import Mapping
from ssl import SSLError
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.conn import create_conn
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed

from linkage_runtime.doctor.finding import Finding, ok, wrong
from linkage_runtime.doctor.listener import examine_listener
from linkage_runtime.doctor.topics import StandingTopic, Wanted, judge_topics
from linkage_runtime.kafka_security import KafkaSecurity
from linkage_runtime.stack.provision import planned_topics

START_SECONDS: Final = 5.0
_NO_LEADER = -1
_KAFKA = "kafka"


async def examine_broker(kafka: str, security: KafkaSecurity, wanted: Wanted) -> list[Finding]:
    """Ask the cluster who it is, and what stands on it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **security.client_options())
    try:
        # One that encrypts may leave a client that does not without a word.
        async with asyncio.timeout(START_SECONDS):
            await admin.start()
        brokers = len((await admin.describe_cluster())["brokers"])
        standing = await _standing(admin)
    except (KafkaError, TimeoutError) as error:
        if (listener := await examine_listener(kafka, security)) is not None:
            return [listener]
        return [_away(kafka, await _cause(kafka, security) or error)]
    finally:
        await admin.close()
    about = (f"{kafka} 应答，{brokers} 个节点", f"{kafka} answers; brokers: {brokers}")
    return [ok(_KAFKA, about), *judge_topics(planned_topics(), standing, wanted)]


async def _cause(kafka: str, security: KafkaSecurity) -> Exception | None:
    """What the first server that answers at all has against us: a client's own error hides it."""
    for server in kafka.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            connection = await create_conn(host, int(port), **security.client_options())
        except (KafkaError, OSError) as error:
            if not isinstance(error, ConnectionRefusedError):
                return error
        else:
            connection.close()
    return None


def _away(kafka: str, error: Exception) -> Finding:
    said = f"{type(error).__name__}: {error}"
    if isinstance(error, AuthenticationFailedError | SaslAuthenticationFailed):
        mend = (
            "核对 LINKAGE_KAFKA_USERNAME、LINKAGE_KAFKA_PASSWORD、LINKAGE_KAFKA_MECHANISM",
            "check LINKAGE_KAFKA_USERNAME, LINKAGE_KAFKA_PASSWORD, LINKAGE_KAFKA_MECHANISM",
        )
    elif isinstance(error, SSLError):
        mend = (
            "LINKAGE_KAFKA_CA 须为签发节点证书的机构，LINKAGE_KAFKA 须为证书所载的名称",
            "LINKAGE_KAFKA_CA must have signed the certificates, and these name LINKAGE_KAFKA",
        )
    else:
        mend = (
            "核对 LINKAGE_KAFKA、LINKAGE_KAFKA_SECURITY，查看节点日志和网络",
            "check LINKAGE_KAFKA, LINKAGE_KAFKA_SECURITY, the brokers' logs, the network",
        )
    return wrong(
        _KAFKA, (f"{kafka} 连不上: {said}", f"{kafka} cannot be spoken to: {said}"), mend=mend
    )


async def _standing(admin: AIOKafkaAdminClient) -> dict[str, StandingTopic]:
    """Every registered topic that is there.

    All topics are listed: asked for one by its name, a broker may make it.
    """
    planned = {topic.name for topic in planned_topics()}
    described = {
        topic["topic"]: topic["partitions"]
        for topic in await admin.describe_topics()
        if topic["topic"] in planned
    }
    if not described:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in described]
    settings = {
        name: {setting: value for setting, value, *_rest in entries}
        for response in await admin.describe_configs(resources)
        for _code, _message, _kind, name, entries in response.resources
    }
    return {name: _topic(parts, settings.get(name, {})) for name, parts in described.items()}


def _topic(partitions: list[dict[str, Any]], settings: Mapping[str, str]) -> StandingTopic:
    return StandingTopic(
        partitions=len(partitions),
        replicas=min(len(one["replicas"]) for one in partitions),
        in_sync=min(len(one["isr"]) for one in partitions),
        leaderless=sum(one["leader"] == _NO_LEADER for one in partitions),
        settings=settings,
    )
