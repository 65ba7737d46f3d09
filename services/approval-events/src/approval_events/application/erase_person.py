"""Erase a natural person: without the key all boxes on every topic are noise for ever."""

from dataclasses import dataclass
from datetime import datetime

from approval_events.application.ports import Opening, Openings, People


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePerson:
    """Whom to erase, and who ordered it."""

    person: str
    organisation: str
    key_id: str
    at: datetime


async def erase_person(command: ErasePerson, *, people: People, openings: Openings) -> bool:
    """Record, then delete the key; ``False`` if there was none."""
    await openings.add(
        Opening(
            act="erased",
            subject=command.person,
            organisation=command.organisation,
            key_id=command.key_id,
            reason="",
            at=command.at,
        )
    )
    return await people.erase(command.person)
