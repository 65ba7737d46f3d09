"""The life of pushes on a stage: books, a publisher, two versions of the catalogue, and a clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Channel, Duty
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ids import push_id
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.claim_pool import ClaimPool, claim_pool
from supervision_push.application.enrol_parties import EnrolParties, enrol_parties
from supervision_push.application.feed_back import DutyDone, FeedBack, feed_back
from supervision_push.application.finish_left_behind import Finished, Sweep, finish_left_behind
from supervision_push.application.open_pushes import Routed, open_pushes
from supervision_push.application.ports import Books
from supervision_push.application.record_deliveries import Deliveries, HandedOver, record_deliveries
from supervision_push.application.record_receipts import RecordReceipts, record_receipts
from supervision_push.application.return_pushes import Reason, ReturnPushes, return_pushes
from supervision_push.domain.entry import PushOutline
from supervision_push.domain.push import Push, moves_on_delivery
from tests.unit.push_books_fakes import FakePushes
from tests.unit.push_builders import NOON, a_catalogue, a_schedule, arrived
from tests.unit.push_fakes import (
    FakeCatalogues,
    FakeClasses,
    FakePublisher,
    FakeRecalls,
)
from tests.unit.push_pool_fakes import FakePool


def outline(push: Push) -> PushOutline:
    """What the entry that opened a push tells of it."""
    return PushOutline(
        push_id=push.push_id,
        decision_id=push.decision_id,
        event_id=push.event_id,
        authority=push.authority,
        recipient=push.recipient,
        party=push.party,
        accepted_at=push.accepted_at,
        moves=moves_on_delivery(push.policy, push.owes),
        traceparent=push.traceparent,
    )


@dataclass
class PushStage:
    """Every use case, with its collaborators bound."""

    books: Books
    publisher: FakePublisher
    sweeps: list[Sweep]
    catalogues: FakeCatalogues = field(default_factory=lambda: FakeCatalogues(a_catalogue()))
    at: datetime = NOON

    def later(self, minutes: float = 1) -> datetime:
        """Let time pass."""
        self.at += timedelta(minutes=minutes)
        return self.at

    async def route(self, *events: DecisionEvent) -> Routed:
        """A batch arrives."""
        return await open_pushes(
            arrived(*events),
            at=self.later(),
            books=self.books,
            catalogues=self.catalogues,
            publisher=self.publisher,
            schedule=a_schedule(),
        )

    async def push(
        self, event: DecisionEvent, recipient: str, number: int = 0, resolves: str | None = None
    ) -> Push:
        """One push as it stands; ``resolves`` is the pool entry that it settles, if any."""
        wanted = push_id(event.id, recipient, number, resolves)
        return (await self.books.pushes.find([wanted]))[wanted]

    async def deliver(self, organisation: str, *push_ids: str) -> HandedOver:
        """An organisation is handed these."""
        found = (await self.books.pushes.find(push_ids)).values()
        command = Deliveries(
            organisation=organisation,
            pushes=[outline(push) for push in found],
            channel=Channel.PULL,
            at=self.later(),
        )
        return await record_deliveries(command, pushes=self.books.pushes, publisher=self.publisher)

    async def receive(self, organisation: str, *push_ids: str, by: str = "clerk-1") -> Outcome:
        """签收."""
        return await record_receipts(
            RecordReceipts(push_ids=push_ids, by=by),
            actor=self._actor(organisation),
            pushes=self.books.pushes,
        )

    async def return_(
        self, organisation: str, *push_ids: str, suggested: str | None = None
    ) -> Outcome:
        """退回."""
        reason = Reason(text="非本局职责", suggested=suggested)
        return await return_pushes(
            ReturnPushes(reasons=dict.fromkeys(push_ids, reason), by="clerk-1"),
            actor=self._actor(organisation),
            books=self.books,
            catalogues=self.catalogues,
            schedule=a_schedule(),
        )

    async def enrol(self, organisation: str, *push_ids: str) -> Outcome:
        """纳入监管."""
        return await enrol_parties(
            EnrolParties(notes=dict.fromkeys(push_ids), by="clerk-1"),
            actor=self._actor(organisation),
            pushes=self.books.pushes,
        )

    async def feed_back(
        self, organisation: str, duties: Sequence[tuple[str, Duty, str]]
    ) -> Outcome:
        """反馈: push, duty, outcome."""
        done = [DutyDone(push_id=one, duty=duty, outcome=said) for one, duty, said in duties]
        return await feed_back(
            FeedBack(duties=done, by="clerk-1"),
            actor=self._actor(organisation),
            pushes=self.books.pushes,
        )

    async def claim(self, organisation: str, *pool_ids: str) -> Outcome:
        """认领."""
        return await claim_pool(
            ClaimPool(pool_ids=pool_ids, by="clerk-1", reason="本局职责"),
            actor=self._actor(organisation),
            books=self.books,
            catalogues=self.catalogues,
            schedule=a_schedule(),
        )

    async def finish(self) -> Finished:
        """The timekeeper's sweep."""
        return await finish_left_behind(
            self.later(),
            books=self.books,
            catalogues=self.catalogues,
            schedule=a_schedule(),
            sweeps=self.sweeps,
        )

    def _actor(self, organisation: str) -> Actor:
        return Actor(organisation=organisation, at=self.later())


@dataclass
class MemoryStage(PushStage):
    """The stage with everything in memory, open to look at and to disturb."""

    pushes: FakePushes = field(kw_only=True)
    pool: FakePool = field(kw_only=True)
    classes: FakeClasses = field(kw_only=True)


def memory_stage(*catalogues: Catalogue) -> MemoryStage:
    """An empty stage."""
    publisher = FakePublisher()
    pool, classes = FakePool(publisher), FakeClasses()
    pushes = FakePushes(publisher, pool)
    return MemoryStage(
        books=Books(pushes=pushes, pool=pool, recalls=FakeRecalls(), classes=classes),
        publisher=publisher,
        sweeps=[pushes.sweep, pool.sweep],
        catalogues=FakeCatalogues(*(catalogues or (a_catalogue(),))),
        pushes=pushes,
        pool=pool,
        classes=classes,
    )
