"""Who had a feed delivered again, in ``supervision_push.replays``; it lives nowhere else."""

from datetime import datetime

from linkage_runtime.mongo import Collection, transient_errors
from supervision_push.application.replay_to_organisation import ReplayToOrganisation
from supervision_push.domain.cursor import Cursor


class MongoReplays:
    """See ``Replays``."""

    def __init__(self, replays: Collection) -> None:
        self._replays = replays

    async def note(self, command: ReplayToOrganisation, entries: int, at: datetime) -> None:
        """See ``Replays``."""
        start = command.start
        with transient_errors():
            await self._replays.insert_one(
                {
                    "organisation": command.organisation,
                    "from": start.encode() if isinstance(start, Cursor) else start,
                    "entries": entries,
                    "by": command.by,
                    "why": command.why,
                    "at": at,
                }
            )
