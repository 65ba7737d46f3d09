"""Open a decision's personal data in full: a right of its own, recorded before it is used."""

from dataclasses import dataclass
from datetime import datetime

from approval_events.application.ports import DecisionVersions, Opening, Openings, People
from approval_events.domain.identity import Person
from linkage_runtime.errors import PermanentError


class NoSuchDecisionError(PermanentError):
    """The decision is not recorded here, or another authority's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenParty:
    """Who wants to see whose data, and why."""

    decision_id: str
    organisation: str
    authorities: frozenset[str]
    key_id: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedParty:
    """The data in clear; ``None`` where the decision has none."""

    name: str
    person: str | None
    party: Person | None
    legal_representative: Person | None


async def open_party(
    command: OpenParty, *, decisions: DecisionVersions, people: People, openings: Openings
) -> OpenedParty:
    """Record, then open.

    Raises:
        NoSuchDecisionError: it is not recorded here, or not the caller's.
        PermanentError: the person's key was deleted.
    """
    versions = await decisions.versions([command.decision_id])
    allowed = command.authorities | {command.organisation}
    if not versions or versions[0].data.authority.id not in allowed:
        msg = "没有此决定,或不是本机关的决定 (no such decision of this authority)"
        raise NoSuchDecisionError(msg)
    await openings.add(
        Opening(
            act="opened",
            subject=command.decision_id,
            organisation=command.organisation,
            key_id=command.key_id,
            reason=command.reason,
            at=command.at,
        )
    )
    newest = max(versions, key=lambda event: (event.data.effective_on, event.recordedtime))
    party = newest.data.party
    representative = party.legal_representative
    return OpenedParty(
        name=party.name,
        person=party.person.person if party.person else None,
        party=await people.open(party.person) if party.person else None,
        legal_representative=await people.open(representative) if representative else None,
    )
