"""Creates the topics, which must exist before any process starts.

A topic that exists already is checked: another number of partitions would break the order of a
party's events, and a retention of its own would forget events that the books need.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import stamina
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, TopicAlreadyExistsError, for_code

from linkage_contracts.topics import TOPICS, Topic
from linkage_runtime.errors import LinkageError
from linkage_runtime.kafka_security import PLAINTEXT, KafkaSecurity

DEFAULT_PARTITIONS: Final = 8

# Kafka's own default for one batch of a topic, written down because dead letters build on it.
_MESSAGE_BYTES = 1_048_588
# A dead letter is its source's message with reason, reader and time in headers.
_DEAD_LETTER_ROOM_BYTES = 64 * 1024
_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1"}
_NEWEST_OF_EACH_KEY = {"cleanup.policy": "compact"}
# How long a broker that is being started elsewhere is waited for.
_PATIENCE_SECONDS = 60


class ProvisionError(LinkageError):
    """A topic could not be made as it must be, or stands otherwise."""


class _UnseenError(ProvisionError):
    """The broker that was asked does not know of a new topic yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTopic:
    """A topic as it must stand on the broker."""

    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionedTopics:
    """What provisioning found and made; both in the order of the plan."""

    created: tuple[str, ...]
    existing: tuple[str, ...]


def planned_topics(topics: Iterable[Topic] = TOPICS) -> tuple[PlannedTopic, ...]:
    """Every topic, each followed by its dead-letter topic."""
    planned = []
    for topic in topics:
        kept = _NEWEST_OF_EACH_KEY if topic.compacted else _FOR_EVER
        larger = _MESSAGE_BYTES + _DEAD_LETTER_ROOM_BYTES
        planned += [
            PlannedTopic(
                name=topic.name, settings={**kept, "max.message.bytes": str(_MESSAGE_BYTES)}
            ),
            PlannedTopic(
                name=topic.dead_letter, settings={**_FOR_EVER, "max.message.bytes": str(larger)}
            ),
        ]
    return tuple(planned)


async def provision_topics(
    kafka: str,
    *,
    partitions: int = DEFAULT_PARTITIONS,
    replication: int = 1,
    topics: Iterable[Topic] = TOPICS,
    security: KafkaSecurity = PLAINTEXT,
) -> ProvisionedTopics:
    """Create the topics that are missing; done twice, the second time changes nothing.

    Raises:
        ProvisionError: a topic stands with another number of partitions or another retention, or
            the broker refused.
    """
    planned = planned_topics(topics)
    async with _admin(kafka, security) as admin:
        existing = await _create(admin, planned, partitions=partitions, replication=replication)
        counts = await _partition_counts(admin, planned)
        _refuse_other_counts({topic.name: counts[topic.name] for topic in existing}, partitions)
        await _refuse_forgetful(admin, existing)
    stood = tuple(topic.name for topic in existing)
    return ProvisionedTopics(
        created=tuple(topic.name for topic in planned if topic.name not in stood), existing=stood
    )


@asynccontextmanager
async def _admin(kafka: str, security: KafkaSecurity) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, **security.client_options())
    try:
        async for attempt in stamina.retry_context(
            on=KafkaConnectionError, attempts=None, timeout=_PATIENCE_SECONDS, wait_max=2
        ):
            with attempt:
                await admin.start()
        yield admin
    except KafkaConnectionError as error:
        raise ProvisionError(f"no broker answers at {kafka}: {error}") from error
    finally:
        await admin.close()


async def _create(
    admin: AIOKafkaAdminClient,
    planned: Iterable[PlannedTopic],
    *,
    partitions: int,
    replication: int,
) -> list[PlannedTopic]:
    """Create all, and return those that existed: asking first could miss one just created."""
    # An acknowledged event must outlive the loss of one broker, where there is more than one.
    safe = {"min.insync.replicas": "2"} if replication > 1 else {}
    by_name = {topic.name: topic for topic in planned}
    response = await admin.create_topics(
        [
            NewTopic(name, partitions, replication, topic_configs={**topic.settings, **safe})
            for name, topic in by_name.items()
        ]
    )
    existing = []
    for name, code, *message in response.topic_errors:
        error = for_code(code)
        if error is TopicAlreadyExistsError:
            existing.append(by_name[name])
        elif code:
            raise ProvisionError(f"topic {name}: {error.__name__} {' '.join(map(str, message))}")
    return existing


async def _partition_counts(
    admin: AIOKafkaAdminClient, planned: Iterable[PlannedTopic]
) -> dict[str, int]:
    """The partitions of every topic, once the broker shows them all to clients."""
    names = [topic.name for topic in planned]
    counts: dict[str, int] = {}
    async for attempt in stamina.retry_context(
        on=_UnseenError, attempts=None, timeout=_PATIENCE_SECONDS, wait_max=1
    ):
        with attempt:
            described = await admin.describe_topics(names)
            counts = {topic["topic"]: len(topic["partitions"]) for topic in described}
            if unseen := [name for name in names if not counts.get(name)]:
                raise _UnseenError(f"created, but not to be seen: {', '.join(unseen)}")
    return counts


def _refuse_other_counts(counts: Mapping[str, int], partitions: int) -> None:
    others = [f"{name} has {count}" for name, count in counts.items() if count != partitions]
    if others:
        raise ProvisionError(
            f"{partitions} partitions are wanted, but {', '.join(others)}. The order of a party's "
            "events and the readers' cursors depend on the number: give the number that stands, "
            "or begin with an empty broker"
        )


async def _refuse_forgetful(admin: AIOKafkaAdminClient, existing: list[PlannedTopic]) -> None:
    wanted = {
        (topic.name, name): value
        for topic in existing
        for name, value in topic.settings.items()
        if name in _FOR_EVER
    }
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic.name) for topic in existing]
    others = []
    for response in await admin.describe_configs(resources):
        for _code, _message, _kind, topic, settings in response.resources:
            for name, value, *_rest in settings:
                expected = wanted.get((topic, name), value)
                if value != expected:
                    others.append(f"{topic} has {name}={value}, not {expected}")
    if others:
        raise ProvisionError(f"events would be forgotten: {'; '.join(others)}")
