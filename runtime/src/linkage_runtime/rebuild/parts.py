"""What a service tells of its read models, so that they can be made again."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from linkage_contracts.envelope import Event
from linkage_contracts.topics import Topic
from linkage_runtime.mongo import Collection, Database
from linkage_runtime.settlement import Handle

OF_OUTBOX = frozenset({"outbox", "unpublished", "held_at"})
"""What was admitted and is not told yet: it is published from the old collection at the switch."""


@dataclass(frozen=True, slots=True)
class Model:
    """One collection that the log alone makes."""

    beside: frozenset[str] = frozenset()
    """Fields that may differ: how often or when it was written, not what it says."""
    carried: tuple[frozenset[str], ...] = ()
    """Fields that the log does not tell, taken over from the old document; those that belong
    together all of them, where it has any."""
    sweep: Callable[[Collection], Awaitable[object]] | None = None
    """Publishes what a collection still holds to publish."""
    is_compared: bool = True
    switched: bool = True
    """False: made again to be compared only; ``settle`` mends the one that serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilding:
    """One service's read models."""

    service: str
    """The reader, as topics know it."""
    database: Database
    models: Mapping[str, Model]
    handlers: Callable[[Database], Mapping[Topic, Handle]]
    """What its worker does with each topic, over any database, and telling nobody."""
    create_indexes: Callable[[Database], Awaitable[None]]
    finish: Callable[[Database], Awaitable[None]] | None = None
    """Makes the rest once all of the log is there, and tells nobody."""
    settle: Callable[[Database], Awaitable[None]] | None = None
    """After the switch, over what serves: derives anew what follows from it, and tells."""
    kept: tuple[str, ...] = field(default=())
    """Collections that live only here: they stay as they are, and are never touched."""


class NobodyTold:
    """A publisher that publishes nothing: whatever the log led to was told when it was new."""

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        """See ``Publisher``."""

    async def send(self, topic: str, records: Iterable[object]) -> None:
        """See ``KafkaPublisher``."""
