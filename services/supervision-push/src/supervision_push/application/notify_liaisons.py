"""Tell liaisons 联络员 in digests how much work came in, is overdue, or was escalated."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from linkage_contracts.feeds import (
    EscalatedEntry,
    IrregularEntry,
    OverdueEntry,
    PushOpenedEntry,
    ResultForwardedEntry,
)
from linkage_runtime.errors import LinkageError, TransientError
from supervision_push.application.announcements import type_of
from supervision_push.application.feed_ports import Watermarks
from supervision_push.application.notice_ports import FeedCounts, NoticeReaders, Notifier
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.digest import Digest, Liaison, NoticeReader, Via, Work

log = structlog.get_logger()

AT_ONCE = 10
"""Organisations that are told at the same time: one mail server that hangs holds up nobody else."""
WORK_OF: Mapping[str, Work] = {
    type_of(PushOpenedEntry): Work.NEW,
    type_of(ResultForwardedEntry): Work.NEW,
    type_of(IrregularEntry): Work.NEW,
    type_of(OverdueEntry): Work.OVERDUE,
    type_of(EscalatedEntry): Work.ESCALATED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticePorts:
    """The collaborators of telling."""

    readers: NoticeReaders
    feed: FeedCounts
    watermarks: Watermarks
    notifiers: Mapping[Via, Notifier]
    partition_of: Callable[[str], int]
    clock: Callable[[], datetime]
    every: timedelta
    """The least time between two digests, unless work was escalated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    failing: int = 0
    """Organisations whose last attempt failed, at the end of the round."""


async def notify_liaisons(*, by: NoticePorts) -> Notified:
    """Look once at every organisation, and tell those for whom it is time.

    Told at least once: the digest is stored before it is sent, so that it has the same id and says
    the same when it is sent again.
    """
    places = asyncio.Semaphore(AT_ONCE)

    async def one(reader: NoticeReader) -> tuple[NoticeReader, NoticeReader]:
        async with places:
            try:
                return reader, await _look(reader, by=by)
            except TransientError as error:
                log.warning("liaisons wait", organisation=reader.organisation, cause=str(error))
                return reader, reader

    looked = await asyncio.gather(*(one(reader) for reader in await by.readers.all()))
    tried = [(before, after) for before, after in looked if after is not before]
    return Notified(
        sent=sum(1 for _, after in tried if not after.failures),
        failed=sum(1 for _, after in tried if after.failures),
        failing=sum(1 for _, after in looked if after.failures),
    )


async def _look(reader: NoticeReader, *, by: NoticePorts) -> NoticeReader:
    """The reader after an attempt, or the same if there was none."""
    at = by.clock()
    if reader.waits(at):
        return reader
    begun = reader if reader.digest else await _begin(reader, at, by=by)
    if begun is None:
        return reader
    leased = replace(begun.leased(at), revision=reader.revision + 1)
    if begun.digest is None or not await by.readers.save(reader, leased):
        return reader
    told, causes = await _send(begun.digest, reader, by=by)
    after = replace(leased.told(told, causes, by.clock()), revision=leased.revision + 1)
    if causes:
        log.warning("liaison not told", organisation=reader.organisation, cause=causes[0])
    await by.readers.save(leased, after)
    return after


async def _begin(reader: NoticeReader, at: datetime, *, by: NoticePorts) -> NoticeReader | None:
    epoch, partition = await by.watermarks.epoch(), by.partition_of(reader.organisation)
    if reader.position.epoch != epoch:
        # The feeds were numbered anew: what was told before is told again rather than missed.
        reader = replace(reader, position=Cursor(epoch=epoch, partition=partition))
    upto = await by.watermarks.of(partition)
    if upto <= reader.position.offset:
        return None
    types = await by.feed.counts(reader.organisation, reader.position, upto)
    counts: Counter[Work] = Counter()
    for type_, count in types.items():
        if work := WORK_OF.get(type_):
            counts[work] += count
    return reader.begin(counts, upto, at=at, every=by.every)


async def _send(
    digest: Digest, reader: NoticeReader, *, by: NoticePorts
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Addresses that have it now, and why others have not."""
    told, causes = [], []
    for liaison in reader.liaisons:
        if liaison.address in digest.told:
            continue
        try:
            await _notifier(liaison, by).notify(reader.organisation, digest, liaison)
        except LinkageError as error:
            causes.append(f"{liaison.via}: {error}")
        else:
            told.append(liaison.address)
    return tuple(told), tuple(causes)


def _notifier(liaison: Liaison, by: NoticePorts) -> Notifier:
    try:
        return by.notifiers[liaison.via]
    except KeyError:
        raise LinkageError("this way of telling is not configured") from None
