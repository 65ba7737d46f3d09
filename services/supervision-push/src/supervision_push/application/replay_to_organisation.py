"""Give an organisation that lost its database all its entries again, from a cursor or a time.

Every subscription that is sent its entries is moved back; what the organisation fetches itself it
reads again from the cursor that is answered here. Counted first; done only when it is said so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from supervision_push.application.change_subscription import Edit, change_subscription
from supervision_push.application.feed_ports import Watermarks
from supervision_push.application.subscription_ports import FeedSearch, Subscriptions
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import FETCHED, Subscription

_SENT = "replayed by the operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayToOrganisation:
    """From where, by whom and why."""

    organisation: str
    start: Cursor | datetime
    by: str
    why: str
    dry_run: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What lies between the start and the end of the feed."""

    after: Cursor
    entries: int
    first: StoredEntry | None
    last: StoredEntry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """One subscription, and how many entries it is sent again."""

    subscription: Subscription
    entries: int
    sent: bool
    """False where the organisation fetches them itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedToOrganisation:
    """What there is to be delivered again, and on which ways."""

    stretch: Stretch
    again: tuple[Again, ...]


class Replays(Protocol):
    """Who had what delivered again, and why."""

    async def note(self, command: ReplayToOrganisation, entries: int, at: datetime) -> None:
        """One replay that was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPorts:
    """What a replay needs from outside."""

    subscriptions: Subscriptions
    search: FeedSearch
    watermarks: Watermarks
    replays: Replays
    partition_of: Callable[[str], int]
    clock: Callable[[], datetime]


async def replay_to_organisation(
    command: ReplayToOrganisation, *, ports: ReplayPorts
) -> ReplayedToOrganisation:
    """Count, and move the subscriptions back unless it is a dry run.

    Raises:
        OtherEpochError: the cursor is of an earlier numbering.
        BadCursorError: the cursor is of another feed.
    """
    own = await ports.subscriptions.of(command.organisation)
    stretch, seen = await _count(command, own, ports)
    again = tuple(
        Again(subscription=one, entries=seen[one.id], sent=one.channel not in FETCHED)
        for one in own
    )
    if not command.dry_run:
        await ports.replays.note(command, stretch.entries, ports.clock())
        for one in again:
            if one.sent and one.entries:
                await _move(one.subscription, stretch, command, ports)
    return ReplayedToOrganisation(stretch=stretch, again=again)


async def _count(
    command: ReplayToOrganisation, own: list[Subscription], ports: ReplayPorts
) -> tuple[Stretch, dict[str, int]]:
    partition = ports.partition_of(command.organisation)
    beginning = Cursor(epoch=await ports.watermarks.epoch(), partition=partition)
    upto = await ports.watermarks.of(partition)
    after = await _after(command, beginning, upto, ports.search)
    entries, first, last = 0, None, None
    seen = dict.fromkeys((one.id for one in own), 0)
    async for entry in ports.search.outlines(command.organisation, beginning.at(after), upto):
        entries += 1
        first, last = first or entry, entry
        for one in own:
            # What lies ahead of it is delivered anyway.
            if entry.offset <= one.reached and one.preferences.filter.lets(entry):
                seen[one.id] += 1
    stretch = Stretch(after=beginning.at(after), entries=entries, first=first, last=last)
    return stretch, seen


async def _after(
    command: ReplayToOrganisation, beginning: Cursor, upto: int, search: FeedSearch
) -> int:
    start = command.start
    if isinstance(start, Cursor):
        return start.of_feed(beginning.epoch, beginning.partition).offset
    before = await search.offset_before(command.organisation, beginning, start)
    return upto if before is None else before


async def _move(
    subscription: Subscription,
    stretch: Stretch,
    command: ReplayToOrganisation,
    ports: ReplayPorts,
) -> None:
    edit = Edit(
        subscription_id=subscription.id,
        organisation=command.organisation,
        by=command.by,
        what=_SENT,
        detail=command.why,
    )
    await change_subscription(
        edit,
        lambda one: one.replayed(stretch.after.offset, one.reached),
        subscriptions=ports.subscriptions,
        clock=ports.clock,
    )
