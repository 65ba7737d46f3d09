"""A publisher, tombstones, classes and catalogues in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.envelope import Event
from linkage_contracts.topics import FEEDS, PROGRESS, TOPICS, Topic
from linkage_runtime.errors import PermanentError, TransientError
from linkage_runtime.publisher import Headers
from supervision_push.domain.ending import Ending
from supervision_push.domain.party_class import PartyClass


class FakePublisher:
    """Keeps what was published, in order; fails as often as it is told to."""

    def __init__(self) -> None:
        self.published: list[tuple[Topic, Event]] = []
        self.failures = 0

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """See the port."""
        if self.failures:
            self.failures -= 1
            raise TransientError("Kafka is away")
        self.published += [(topic, event) for event in events]

    async def send(
        self, topic: str, records: Sequence[tuple[bytes | None, bytes, Headers]]
    ) -> None:
        """As an outbox sends: bytes, which must read as an event of that topic."""
        where = next(one for one in TOPICS if one.name == topic)
        events = [where.read(body) for _, body, _ in records]
        assert [key for key, _, _ in records] == [one.partitionkey.encode() for one in events]
        await self.publish(where, events)

    def on(self, topic: Topic) -> list[Event]:
        """Each event once, as a reader that knows the ids sees them."""
        events = [event for where, event in self.published if where is topic]
        return list({event.id: event for event in reversed(events)}.values())[::-1]

    def types(self, topic: Topic = PROGRESS) -> list[str]:
        """What kind of events, in order."""
        return [event.type for event in self.on(topic)]

    def feed_of(self, recipient: str) -> list[Event]:
        """One organisation's feed."""
        return [event for event in self.on(FEEDS) if event.partitionkey == recipient]


@dataclass
class FakeRecalls:
    """See ``Recalls``."""

    last: dict[str, Ending] = field(default_factory=dict)

    async def put(self, endings: Sequence[Ending]) -> None:
        """See the port."""
        for ending in endings:
            known = self.last.get(ending.decision_id, ending)
            self.last[ending.decision_id] = max(known, ending, key=lambda e: (e.on, e.event_id))

    async def of(self, decision_ids: Iterable[str]) -> list[Ending]:
        """See the port."""
        return [self.last[one] for one in decision_ids if one in self.last]


@dataclass
class FakeClasses:
    """See ``PartyClasses``."""

    known: dict[str, PartyClass] = field(default_factory=dict)

    async def of(self, parties: Iterable[str]) -> Mapping[str, PartyClass]:
        """See the port."""
        return {party: self.known[party] for party in parties if party in self.known}


class FakeCatalogues:
    """Some versions; the last one is in force."""

    def __init__(self, *catalogues: Catalogue) -> None:
        self._versions = {catalogue.version: catalogue for catalogue in catalogues}
        self._in_force = catalogues[-1]

    async def in_force(self) -> Catalogue:
        """See the port."""
        return self._in_force

    async def version(self, version: str) -> Catalogue:
        """See the port."""
        if version not in self._versions:
            raise PermanentError(f"no catalogue version {version}")
        return self._versions[version]
