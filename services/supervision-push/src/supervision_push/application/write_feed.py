"""Write feed entries where readers find them, and only then let readers see that far."""

from collections.abc import Sequence

from supervision_push.application.feed_ports import FeedLog
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.stretch import stretches


async def write_feed(entries: Sequence[StoredEntry], *, feed: FeedLog) -> frozenset[str]:
    """Store a batch, note whom it concerns, and raise the watermarks over it.

    A second copy of an entry, at a later offset, changes nothing but the watermark.

    Returns:
        The ids that were known before.
    """
    known = await feed.insert(entries)
    await feed.note_recipients(entry.recipient for entry in entries)
    await feed.raise_watermarks(stretches(entries))
    return known
