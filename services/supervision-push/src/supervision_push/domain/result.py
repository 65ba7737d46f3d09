"""A result of supervision: who it is about, its identity, and the event that it becomes."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from linkage_contracts.codes import PartyKind
from linkage_contracts.decisions import Document
from linkage_contracts.identity import is_uscc
from linkage_contracts.ids import stable_id
from linkage_contracts.parties import Organisation, Party, SealedPerson
from linkage_contracts.results import (
    ActionRequest,
    ActionRequested,
    AnyResultEvent,
    ClueRaised,
    CommitmentBroken,
    InspectionRecorded,
    PenaltyImposed,
    RectificationEnded,
    RectificationOrdered,
)
from linkage_runtime.clock import SHANGHAI
from supervision_push.domain.submitted_result import (
    AnySubmittedResult,
    SubmittedParty,
    SubmittedResult,
)

EVENT_OF_TYPE: dict[str, Any] = {
    "inspection": InspectionRecorded,
    "penalty": PenaltyImposed,
    "rectification_order": RectificationOrdered,
    "rectification_end": RectificationEnded,
    "commitment_breach": CommitmentBroken,
    "risk_clue": ClueRaised,
    "action_request": ActionRequested,
}
_SHARED = frozenset(SubmittedResult.model_fields) | {"type"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What a result is about: a licence known by its push, or a party alone."""

    party: Party
    region: str
    decision_id: str | None = None
    push_id: str | None = None
    authority: str | None = None


def party_alone(submitted: SubmittedParty, person: SealedPerson | None, supervisor: str) -> Party:
    """The party of a result that concerns no known licence.

    An organisation without a usable code is kept under its name: what was found is recorded
    all the same.
    """
    if person is not None:
        return Party(
            key=person.person, kind=PartyKind.NATURAL_PERSON, name=person.masked_name, person=person
        )
    if submitted.code is not None and is_uscc(submitted.code):
        key, code = submitted.code, submitted.code
        return Party(key=key, kind=submitted.kind, name=submitted.name, code=code)
    key = f"result:{stable_id('party', supervisor, submitted.name)}"
    return Party(key=key, kind=submitted.kind, name=submitted.name)


def digest_of(submitted: AnySubmittedResult, concern: Concern) -> str:
    """SHA-256 of what is told, however the party or the licence was named.

    A natural person stands in it by the keyed hash: an id number in clear could be guessed from
    a digest.
    """
    told = submitted.model_dump(
        mode="json", exclude={"party", "push_id", "decision_id", "region", "supervisor"}
    )
    about = [concern.decision_id, concern.party.key, concern.party.name, concern.region]
    content = json.dumps([told, about], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def result_id_of(
    submitted: AnySubmittedResult, concern: Concern, supervisor: str, digest: str
) -> str:
    """One document of one supervisor about one licence, or about one party, is one result."""
    document = submitted.document_number or digest
    about = concern.decision_id or concern.party.key
    return stable_id("result", supervisor, submitted.type, document, about)


def result_event(
    submitted: AnySubmittedResult,
    concern: Concern,
    *,
    supervisor: Organisation,
    emitter: str,
    recorded_at: datetime,
) -> AnyResultEvent:
    """The event that tells the result; the same submission gives the same ids."""
    digest = digest_of(submitted, concern)
    result_id = result_id_of(submitted, concern, supervisor.id, digest)
    event_type = EVENT_OF_TYPE[submitted.type]
    data_type = event_type.model_fields["data"].annotation
    data = data_type(
        result_id=result_id,
        supervisor=supervisor,
        party=concern.party,
        region=concern.region,
        decision_id=concern.decision_id,
        push_id=concern.push_id,
        authority=concern.authority,
        digest=digest,
        **_told(submitted),
    )
    event: AnyResultEvent = event_type(
        id=stable_id("result-event", result_id, submitted.type),
        source=f"/organisations/{supervisor.id}",
        subject=concern.decision_id or result_id,
        time=datetime.combine(submitted.found_on, time(), tzinfo=SHANGHAI),
        recordedtime=recorded_at,
        partitionkey=concern.party.key,
        emitter=emitter,
        data=data,
    )
    return event


def _told(submitted: AnySubmittedResult) -> dict[str, Any]:
    """What goes into the event as it was submitted, the fields of this type among it."""
    request = submitted.request
    specific = set(type(submitted).model_fields) - _SHARED
    return {
        "found_on": submitted.found_on,
        "summary": submitted.summary,
        "document_number": submitted.document_number,
        "attachments": tuple(Document(**one.model_dump()) for one in submitted.attachments),
        "request": ActionRequest(**request.model_dump()) if request else None,
        **{name: getattr(submitted, name) for name in specific},
    }
