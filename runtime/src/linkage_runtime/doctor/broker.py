"""The broker: who answers, and whether every topic stands as it is registered."""

from collections.abc import Mapping
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from linkage_runtime.doctor.finding import Finding, ok, wrong
from linkage_runtime.doctor.topics import StandingTopic, Wanted, judge_topics
from linkage_runtime.kafka_security import KafkaSecurity
from linkage_runtime.stack.provision import planned_topics

_NO_LEADER = -1
_KAFKA = "kafka"


async def examine_broker(kafka: str, security: KafkaSecurity, wanted: Wanted) -> list[Finding]:
    """Ask the cluster who it is, and what stands on it."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **security.client_options())
    try:
        await admin.start()
        brokers = len((await admin.describe_cluster())["brokers"])
        standing = await _standing(admin)
    except KafkaError as error:
        return [_away(kafka, error)]
    finally:
        await admin.close()
    about = (f"{kafka} 应答，{brokers} 个节点", f"{kafka} answers; brokers: {brokers}")
    return [ok(_KAFKA, about), *judge_topics(planned_topics(), standing, wanted)]


def _away(kafka: str, error: KafkaError) -> Finding:
    said = f"{type(error).__name__} {error}"
    return wrong(
        _KAFKA,
        (f"{kafka} 未应答: {said}", f"{kafka} does not answer: {said}"),
        mend=(
            "核对 LINKAGE_KAFKA、LINKAGE_KAFKA_SECURITY 与账户，查看节点日志和网络",
            "check LINKAGE_KAFKA, LINKAGE_KAFKA_SECURITY, the user, the brokers' logs, the network",
        ),
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
