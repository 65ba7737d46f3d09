"""The worker's side of decisions: the first content stands, a second is kept and told once."""

from dataclasses import dataclass, field

from approval_events.application.record_decisions import record_decisions
from approval_events.domain.facts import FactKind
from linkage_contracts.actions import ConflictFound
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.topics import ACTIONS
from tests.unit.approval_builders import (
    BUREAU,
)
from tests.unit.approval_fakes import (
    FakeConflicts,
    FakeDecisions,
    FakeLedger,
    FakeMeasurements,
    FakePublisher,
)
from tests.unit.approval_loops import DECISION, decided
from tests.unit.commitments_desk import FakeCommitments, committed
from tests.unit.findings_desk import FakeFindings

FIRST = decided()
SECOND = decided(minutes=1, content="食品销售", digest="c" * 64)


@dataclass
class Books:
    """What the worker writes."""

    decisions: FakeDecisions = field(default_factory=FakeDecisions)
    conflicts: FakeConflicts = field(default_factory=FakeConflicts)
    findings: FakeFindings = field(default_factory=FakeFindings)
    commitments: FakeCommitments = field(default_factory=FakeCommitments)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    publisher: FakePublisher = field(default_factory=FakePublisher)
    measurements: FakeMeasurements = field(default_factory=FakeMeasurements)

    async def record(self, *events: DecisionEvent) -> None:
        await record_decisions(
            events,
            decisions=self.decisions,
            conflicts=self.conflicts,
            findings=self.findings,
            matters=[self.commitments],
            ledger=self.ledger,
            publisher=self.publisher,
            measurements=self.measurements,
        )

    @property
    def told(self) -> list[ConflictFound]:
        """Conflicts on the actions topic, each id once."""
        found = [e for e in self.publisher.on(ACTIONS) if isinstance(e, ConflictFound)]
        return list({event.id: event for event in found}.values())


async def test_a_decision_is_kept_and_its_linkage_begun() -> None:
    books = Books()
    await books.record(FIRST)
    assert books.decisions.kept == {FIRST.id: FIRST}
    decided_facts = books.ledger.kept[DECISION].of(FactKind.DECIDED)
    assert decided_facts[FIRST.id].detail["document_number"] == "灵审批〔2026〕1号"
    assert not books.told


async def test_a_batch_that_comes_again_changes_nothing() -> None:
    books = Books()
    await books.record(FIRST, FIRST)
    before = dict(books.ledger.kept)
    await books.record(FIRST)
    assert books.ledger.kept == before
    assert not books.publisher.published


async def test_of_two_contents_in_one_batch_the_earlier_on_the_log_stands() -> None:
    books = Books()
    await books.record(FIRST, SECOND)
    assert books.decisions.kept[FIRST.id] is FIRST
    [conflict] = books.told
    assert conflict.data.kept_digest == FIRST.data.digest
    assert conflict.data.other_digest == SECOND.data.digest
    assert conflict.data.differences == ("/content",)
    assert conflict.data.authority == BUREAU
    assert [record.other for record in books.conflicts.kept.values()] == [SECOND]


async def test_of_two_contents_in_two_batches_the_earlier_stands() -> None:
    books = Books()
    await books.record(FIRST)
    await books.record(SECOND)
    assert books.decisions.kept[FIRST.id] is FIRST
    assert len(books.told) == 1
    assert len(books.ledger.kept[DECISION].of(FactKind.DECIDED)) == 1


async def test_a_conflict_that_comes_again_has_the_same_id_and_is_counted_once() -> None:
    books = Books()
    await books.record(FIRST, SECOND, SECOND)
    await books.record(SECOND)
    assert len(books.told) == 1
    assert len(books.conflicts.kept) == 1
    assert books.measurements.second_contents == 1


async def test_a_third_content_is_a_conflict_of_its_own() -> None:
    books = Books()
    await books.record(FIRST, SECOND, decided(content="糕点", digest="d" * 64))
    assert len(books.told) == 2


async def test_another_digest_that_says_the_same_is_no_conflict() -> None:
    # The same act may come through two doors: whole, or as what it changes.
    books = Books()
    await books.record(FIRST, decided(digest="e" * 64))
    assert not books.told


async def test_the_second_content_leaves_no_trace_in_the_story() -> None:
    books = Books()
    await books.record(FIRST, decided(minutes=-5, content="食品销售", digest="c" * 64))
    [fact] = books.ledger.kept[DECISION].of(FactKind.DECIDED).values()
    assert fact.at == FIRST.data.accepted_at


async def test_a_promise_is_entered_with_the_decision_that_was_made_on_it() -> None:
    books = Books()
    await books.record(FIRST)
    assert books.commitments.kept == {}
    await books.record(committed())
    assert list(books.commitments.kept) == [DECISION]
