"""From what was sent to the event that says it, once ids, seals and irregularities are known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from approval_events.domain.identity import Identity, Person, person_of
from approval_events.domain.submission import SentCommitment, SentParty, Submission
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import PartyKind, VerificationMethod
from linkage_contracts.decisions import (
    EVENT_OF_KIND,
    Commitment,
    Decision,
    DecisionEvent,
    Irregularity,
    Item,
)
from linkage_contracts.parties import Organisation, Party, SealedPerson
from linkage_runtime.clock import SHANGHAI

Seals = Mapping[Person, SealedPerson]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the door adds to what was sent."""

    identity: Identity
    catalogue: Catalogue
    irregularities: Sequence[Irregularity]
    accepted_at: datetime


def items_of(submission: Submission, catalogue: Catalogue) -> tuple[str, ...]:
    """The items named, else those that the authority's mapping finds; none means the pool."""
    return submission.items or catalogue.items_for(
        submission.authority,
        certificate=submission.certificate_name or "",
        document=submission.document_title,
        content=submission.content,
    )


def named_items(codes: Sequence[str], catalogue: Catalogue) -> tuple[Item, ...]:
    """Items with their names; an item off the catalogue has none."""
    known = catalogue.item_by_code
    return tuple(Item(code=code, name=known[code].name if code in known else "") for code in codes)


def people_in(party: SentParty) -> Iterator[Person]:
    """Whom the party's data would give away, and who must therefore be sealed."""
    if party.kind is PartyKind.NATURAL_PERSON:
        yield person_of(party)
    if party.legal_representative is not None and party.legal_representative.id_number:
        yield person_of(party.legal_representative)


def sealed_party(party: SentParty, key: str, seals: Seals) -> Party:
    """The party as it stands in events: a natural person's name masked, id numbers sealed."""
    representative = party.legal_representative
    person = seals[person_of(party)] if party.kind is PartyKind.NATURAL_PERSON else None
    return Party(
        key=key,
        kind=party.kind,
        name=person.masked_name if person else party.name,
        code=party.known_code,
        registrations={str(name): number for name, number in sorted(party.registrations.items())},
        person=person,
        legal_representative_name=representative.name if representative else None,
        legal_representative=seals.get(person_of(representative)) if representative else None,
    )


def decision_of(
    submission: Submission, codes: Sequence[str], stamp: Stamp, seals: Seals
) -> Decision:
    """The decision as it will stand on the topic."""
    authority = stamp.catalogue.authority_by_id[submission.authority]
    return Decision(
        **stamped(stamp),
        decision_id=stamp.identity.decision_id,
        kind=submission.kind,
        authority=Organisation(id=authority.id, name=authority.name),
        document_number=submission.document_number,
        document_title=submission.document_title,
        licence_number=submission.licence_number,
        certificate_name=submission.certificate_name,
        category=submission.category,
        content=submission.content,
        accepted_on=submission.accepted_on,
        decided_on=submission.decided_on,
        valid_from=submission.valid_from or submission.decided_on,
        valid_until=submission.valid_until,
        region=submission.region or authority.region,
        party=sealed_party(submission.party, stamp.identity.party_key, seals),
        items=named_items(codes, stamp.catalogue),
        act=submission.act,
        commitment=coded(submission.commitment),
        tolerance=submission.tolerance,
        case_number=submission.case_number,
        project_code=submission.project_code,
        materials=submission.materials,
        opinions=submission.opinions,
        licence=submission.licence,
    )


def coded(sent: SentCommitment | None) -> Commitment | None:
    """The commitment with the code of its method, where the department's words are one."""
    if sent is None:
        return None
    method = sent.method and (VerificationMethod.of(sent.method) or sent.method)
    return Commitment(text=sent.text, verify_by=sent.verify_by, method=method)


def stamped(stamp: Stamp) -> dict[str, Any]:
    """The fields that no department sends."""
    return {
        "catalogue_version": stamp.catalogue.version,
        "irregularities": tuple(stamp.irregularities),
        "accepted_at": stamp.accepted_at,
        "digest": stamp.identity.digest,
    }


def event_of(decision: Decision, event_id: str, emitter: str) -> DecisionEvent:
    """The event that says it; it occurred on a day, so its time is that day's beginning."""
    event_type = EVENT_OF_KIND[decision.kind]
    return event_type(
        type=event_type.model_fields["type"].default,
        id=event_id,
        source=f"/organisations/{decision.authority.id}",
        subject=decision.decision_id,
        time=datetime.combine(decision.effective_on, time.min, tzinfo=SHANGHAI),
        recordedtime=decision.accepted_at,
        partitionkey=decision.party.key,
        emitter=emitter,
        data=decision,
    )
