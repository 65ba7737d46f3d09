"""Name an organisation's liaisons 联络员: who is told of its work, and how."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supervision_push.application.feed_ports import Watermarks
from supervision_push.application.notice_ports import NoticeReaders
from supervision_push.domain.cursor import Cursor
from supervision_push.domain.digest import Liaison


@dataclass(frozen=True, slots=True, kw_only=True)
class NameLiaisons:
    """All of them; none at all ends the messages."""

    organisation: str
    liaisons: Sequence[Liaison]


async def name_liaisons(
    command: NameLiaisons,
    *,
    readers: NoticeReaders,
    watermarks: Watermarks,
    partition_of: Callable[[str], int],
) -> None:
    """Replace them: the first are told of what comes from now on, their successors go on there."""
    if not command.liaisons:
        await readers.forget(command.organisation)
        return
    epoch, partition = await watermarks.epoch(), partition_of(command.organisation)
    now = Cursor(epoch=epoch, partition=partition, offset=await watermarks.of(partition))
    await readers.name(command.organisation, command.liaisons, now)
