"""Which decision a submission is about, which version of it, and what its content comes to."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from approval_events.domain.submission import (
    RESIDENT_ID,
    ActSubmission,
    SentParty,
    SentRepresentative,
    Submission,
)
from approval_events.domain.text import squeezed
from linkage_contracts import ids
from linkage_contracts.codes import DecisionKind, PartyKind
from linkage_contracts.decisions import EVENT_OF_KIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What identifies a natural person, in clear; never stored and never logged."""

    name: str
    id_type: str | None = None
    id_number: str | None = None


KeyOf = Callable[[Person], str]
"""The keyed hash by which a person is known without being named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The ids of one submission. The same document again has the same ids and the same digest."""

    decision_id: str
    event_id: str
    digest: str
    party_key: str


def person_of(sent: SentParty | SentRepresentative) -> Person:
    """The person behind a party or a representative; a number without a type is a resident id."""
    id_type = (sent.id_type or RESIDENT_ID) if sent.id_number else sent.id_type
    return Person(name=sent.name, id_type=id_type, id_number=sent.id_number)


def identify(submission: Submission, key_of: KeyOf) -> Identity:
    """The ids of a submission."""
    party, act = submission.party, submission.act
    decision_id = ids.decision_id(
        submission.authority,
        submission.document_number,
        submission.licence_number,
        _party_part(party, key_of),
    )
    return Identity(
        decision_id=decision_id,
        event_id=event_id(
            decision_id,
            submission.kind,
            submission.effective_on,
            act.document_number if act else "",
        ),
        digest=_digest(submission.model_dump(mode="json", exclude_defaults=True), party, key_of),
        party_key=party_key(party, decision_id, key_of),
    )


def event_id(decision_id: str, kind: DecisionKind, effective_on: date, act_number: str) -> str:
    """One version of a decision; a later date under the same number is another version."""
    type_ = str(EVENT_OF_KIND[kind].model_fields["type"].default)
    return ids.stable_id("decision-event", decision_id, type_, effective_on.isoformat(), act_number)


def party_key(party: SentParty, decision_id: str, key_of: KeyOf) -> str:
    """The key under which one party's events are in order; an unknown party has its decision's."""
    if party.kind is PartyKind.NATURAL_PERSON:
        return key_of(person_of(party)) if party.id_number else f"decision:{decision_id}"
    return party.known_code or f"decision:{decision_id}"


def digest_of_act(decision_id: str, act: ActSubmission, key_of: KeyOf) -> str:
    """What an act says: the same act sent again, after others, is still the same."""
    changes = act.changes.model_dump(mode="json", exclude_unset=True)
    said = act.model_dump(mode="json", exclude={"changes"})
    return _digest(
        {"decision_id": decision_id, **said, "changes": changes}, act.changes.party, key_of
    )


def _party_part(party: SentParty, key_of: KeyOf) -> str:
    if party.kind is PartyKind.NATURAL_PERSON:
        return key_of(person_of(party))
    return party.known_code or f"name:{squeezed(party.name)}"


def _digest(said: dict[str, Any], party: SentParty | None, key_of: KeyOf) -> str:
    if party is not None:
        holder = said.get("changes", said)
        holder["party"] = _without_person(holder["party"], party, key_of)
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _without_person(said: dict[str, Any], party: SentParty, key_of: KeyOf) -> dict[str, Any]:
    """The party with hashes for what is personal: an id number can be guessed from a digest."""
    clean = {field: value for field, value in said.items() if field not in {"id_type", "id_number"}}
    if party.kind is PartyKind.NATURAL_PERSON:
        clean["name"] = key_of(Person(name=party.name))
        clean["person"] = key_of(person_of(party))
    representative = party.legal_representative
    if representative is not None:
        clean["legal_representative"] = [representative.name, key_of(person_of(representative))]
    return clean
