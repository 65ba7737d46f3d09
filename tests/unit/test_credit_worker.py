"""The worker's wiring: what it reads, one batch at a time, and what it counts."""

import asyncio
import base64
from collections.abc import Collection, Iterable
from datetime import datetime

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from credit.adapters.log_handler import LogHandler
from credit.adapters.metrics import declare_metrics
from credit.application.gather_facts import GatheredFacts
from credit.bootstrap_worker import TOPICS_READ, build_worker
from credit.domain.derivation import facts_of
from credit.ports import Revision
from credit.settings import CreditSettings
from linkage_contracts.codes import RiskClass
from linkage_contracts.envelope import Event
from linkage_contracts.ratings import Rating
from linkage_contracts.topics import TOPICS
from linkage_runtime.settlement import Message, Record
from tests.unit.credit_builders import NOON, PARTY, SAMPLE, TODAY, decided


def message(event: Event) -> Message:
    return Message(event, Record(0, 0, event.partitionkey.encode(), event.to_bytes()))


def a_rating(risk_class: RiskClass) -> Rating:
    return Rating(
        party=PARTY,
        party_name=PARTY,
        risk_class=risk_class,
        points=0,
        scorecard="general-2026.1",
        as_of=TODAY,
        revision=1,
    )


class Steps:
    """Records what the handler does, and how many ratings run at once."""

    def __init__(self, *revisions: Revision) -> None:
        self.revisions = revisions
        self.rated: list[frozenset[str]] = []
        self.running = self.most_running = 0

    async def gather(self, events: Iterable[Event]) -> GatheredFacts:
        facts = tuple(fact for event in events for fact in facts_of(event))
        return GatheredFacts(parties=frozenset(fact.party for fact in facts), new=facts)

    async def rate(self, parties: Collection[str], _: datetime) -> tuple[Revision, ...]:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        await asyncio.sleep(0)
        self.rated.append(frozenset(parties))
        self.running -= 1
        return self.revisions


def count(name: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(name, labels)
    assert value is not None, "every label set is there from the start"
    return value


async def test_batches_of_several_topics_are_rated_one_at_a_time() -> None:
    steps = Steps()
    handle = LogHandler(steps.gather, steps.rate)
    await asyncio.gather(*(handle([message(decided(f"no {each}"))]) for each in range(5)))
    assert (steps.most_running, steps.rated) == (1, [frozenset({PARTY})] * 5)


async def test_what_is_due_is_rated_in_turn_with_the_batches() -> None:
    steps = Steps()
    handle = LogHandler(steps.gather, steps.rate)
    await asyncio.gather(handle([message(decided("one"))]), handle.rate({"due"}, NOON))
    assert (steps.most_running, set(steps.rated)) == (1, {frozenset({PARTY}), frozenset({"due"})})


@pytest.mark.parametrize(
    ("risk_class", "previous", "change"),
    [
        (RiskClass.ORDINARY, None, "first"),
        (RiskClass.HIGH, RiskClass.ORDINARY, "worse"),
        (RiskClass.LOW, RiskClass.ORDINARY, "better"),
        (RiskClass.LOW, RiskClass.LOW, "same_class"),
    ],
)
async def test_facts_and_changes_are_counted(
    risk_class: RiskClass, previous: RiskClass | None, change: str
) -> None:
    declare_metrics()
    before = a_rating(previous) if previous else None
    steps = Steps(Revision(before=before, after=a_rating(risk_class)))
    counted = (
        ("linkage_credit_facts_total", {"kind": "licence_granted"}),
        ("linkage_credit_ratings_changed_total", {"change": change}),
        ("linkage_gap_seconds_count", {"gap": "published_to_rated"}),
    )
    counts = [count(name, **labels) for name, labels in counted]
    await LogHandler(steps.gather, steps.rate)([message(decided("one"))])
    assert [count(name, **labels) for name, labels in counted] == [each + 1 for each in counts]


def test_the_worker_reads_the_topics_that_name_credit_as_their_reader() -> None:
    settings = CreditSettings(
        kafka="127.0.0.1:1",
        mongo=SecretStr("mongodb://127.0.0.1:1"),
        port=1,
        master_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        scorecards=SAMPLE.parent,
    )
    app = build_worker(settings)
    read = {topic for agent in app.agents.values() for topic in agent.get_topic_names()}
    assert read == {topic.name for topic in TOPICS if "credit" in topic.readers}
    assert read == {topic.name for topic in TOPICS_READ}
