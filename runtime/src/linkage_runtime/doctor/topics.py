"""Topics as registered: partitions, copies, and settings under which nothing is forgotten."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from linkage_runtime.doctor.finding import Finding, Words, ok, warning, wrong
from linkage_runtime.stack.provision import PlannedTopic

_TOPICS = "topics"
_SAFE = 2
"""Copies that hold an acknowledged event, where there are several."""
_NOTHING_LOST = {"unclean.leader.election.enable": "false"}
_NO_LIMIT = {"retention.bytes": "-1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What `linkage provision` was told."""

    partitions: int
    replication: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingTopic:
    """A topic as the broker describes it; of replicas the fewest that a partition has."""

    partitions: int
    replicas: int
    in_sync: int
    leaderless: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Fault:
    """What may be so of several topics alike."""

    seen: Words
    mend: Words
    grave: bool = True


def judge_topics(
    planned: Sequence[PlannedTopic], standing: Mapping[str, StandingTopic], wanted: Wanted
) -> list[Finding]:
    """One finding for each fault, with all topics that have it."""
    having: dict[_Fault, list[str]] = defaultdict(list)
    for topic in planned:
        for fault in _faults(topic, standing.get(topic.name), wanted):
            having[fault].append(topic.name)
    if not having:
        count = len(planned)
        about = (f"{count} 个主题与登记一致", f"{count} topics stand as registered")
        return [ok(_TOPICS, about)]
    return [_found(fault, names) for fault, names in having.items()]


def _found(fault: _Fault, names: Iterable[str]) -> Finding:
    who = ", ".join(names)
    trouble = partial(wrong if fault.grave else warning, _TOPICS)
    return trouble((f"{who}: {fault.seen[0]}", f"{who}: {fault.seen[1]}"), mend=fault.mend)


def _faults(
    topic: PlannedTopic, standing: StandingTopic | None, wanted: Wanted
) -> Iterator[_Fault]:
    if standing is None:
        provision = ("运行 linkage provision", "run `linkage provision`")
        yield _Fault(("主题不存在", "the topic is not there"), provision)
        return
    yield from _partition_faults(standing, wanted)
    yield from _copy_faults(standing, wanted)
    yield from _setting_faults(topic, standing)


def _partition_faults(standing: StandingTopic, wanted: Wanted) -> Iterator[_Fault]:
    if standing.partitions != wanted.partitions:
        yield _Fault(
            (
                f"有 {standing.partitions} 个分区，应为 {wanted.partitions}",
                f"partitions: {standing.partitions}, not {wanted.partitions}",
            ),
            (
                "将各处 LINKAGE_PARTITIONS 设为现有数目；已用的主题不得增减分区",
                "set LINKAGE_PARTITIONS to the number that stands; never change it once in use",
            ),
        )
    if standing.leaderless:
        yield _Fault(
            (
                f"{standing.leaderless} 个分区没有首领",
                f"partitions without a leader: {standing.leaderless}",
            ),
            ("启动保存这些分区的节点", "start the brokers that hold them"),
        )


def _copy_faults(standing: StandingTopic, wanted: Wanted) -> Iterator[_Fault]:
    if standing.replicas < wanted.replication:
        yield _Fault(
            (
                f"只有 {standing.replicas} 个副本，应为 {wanted.replication}",
                f"copies: {standing.replicas}, not {wanted.replication}",
            ),
            ("用 kafka-reassign-partitions.sh 增加", "add with kafka-reassign-partitions.sh"),
        )
    if standing.in_sync < standing.replicas:
        yield _Fault(
            (
                f"{standing.replicas} 个副本中仅 {standing.in_sync} 个同步",
                f"copies in sync: {standing.in_sync} of {standing.replicas}",
            ),
            ("有节点停止或落后，查看其日志", "a broker is down or behind: see its log"),
            grave=False,
        )
    in_sync = int(standing.settings.get("min.insync.replicas", "1"))
    if standing.replicas > 1 and not _SAFE <= in_sync < standing.replicas:
        # As many as there are copies: the loss of one broker stops everything.
        lost = in_sync < _SAFE
        yield _Fault(
            (f"min.insync.replicas={in_sync}", f"min.insync.replicas={in_sync}"),
            _set_to("min.insync.replicas", str(_SAFE)),
            grave=lost,
        )


def _setting_faults(topic: PlannedTopic, standing: StandingTopic) -> Iterator[_Fault]:
    deletes = topic.settings["cleanup.policy"] == "delete"
    expected = {**topic.settings, **_NOTHING_LOST, **(_NO_LIMIT if deletes else {})}
    for name, value in expected.items():
        stands = standing.settings.get(name, value)
        if stands != value:
            seen = f"{name}={stands}"
            yield _Fault(
                (f"{seen}，应为 {value}", f"{seen}, not {value}"),
                _set_to(name, value),
            )


def _set_to(name: str, value: str) -> Words:
    topic = "--entity-type topics --entity-name TOPIC"
    command = f"kafka-configs.sh --alter {topic} --add-config {name}={value}"
    return (f"用 {command}", f"with {command}")
