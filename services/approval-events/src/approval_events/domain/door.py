"""Checks at the door: only what cannot be read, or belongs nowhere, is turned away."""

from collections.abc import Iterator
from datetime import date

from approval_events.domain.rules import DoorRule, fault
from approval_events.domain.submission import (
    RESIDENT_ID,
    SentAct,
    SentParty,
    SentRepresentative,
    Submission,
)
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import AuthorityKind, DecisionKind, PartyKind
from linkage_contracts.identity import is_region, is_resident_id, is_uscc
from linkage_runtime.faults import Fault

_NEED_AN_ACT = {
    DecisionKind.AMENDED,
    DecisionKind.WITHDRAWN,
    DecisionKind.ANNULLED,
    DecisionKind.DEREGISTERED,
}
_HAVE_NO_ACT = {DecisionKind.GRANTED, DecisionKind.REFUSED}


def faults_in(
    submission: Submission, *, catalogue: Catalogue, allowed: frozenset[str], today: date
) -> tuple[Fault, ...]:
    """Everything that must be mended before this submission can be accepted.

    Args:
        submission: what was sent, already in normal form.
        catalogue: the version in force.
        allowed: authorities in whose name the caller may emit.
        today: the present day in China.
    """
    return (
        *_authority(submission.authority, catalogue, allowed),
        *region_faults(submission.region),
        *party_faults(submission.party),
        *date_faults(submission, today),
        *_act_by_kind(submission),
        *act_faults(submission.act, submission.decided_on, today),
    )


def _authority(id_: str, catalogue: Catalogue, allowed: frozenset[str]) -> Iterator[Fault]:
    authority = catalogue.authority_by_id.get(id_)
    if authority is None:
        yield fault(DoorRule.AUTHORITY_UNKNOWN, "/authority")
    elif authority.kind is not AuthorityKind.APPROVING:
        yield fault(DoorRule.AUTHORITY_NOT_APPROVING, "/authority")
    if id_ not in allowed:
        yield fault(DoorRule.AUTHORITY_NOT_YOURS, "/authority")


def region_faults(region: str | None, pointer: str = "/region") -> Iterator[Fault]:
    """A region that is named must have the shape of one."""
    if region is not None and not is_region(region):
        yield fault(DoorRule.REGION_SHAPE, pointer)


def party_faults(party: SentParty, pointer: str = "/party") -> Iterator[Fault]:
    """Numbers that fail their check, or that a party of this kind does not have."""
    if party.kind is PartyKind.NATURAL_PERSON:
        if party.known_code is not None:
            yield fault(DoorRule.CODE_OF_NATURAL_PERSON, f"{pointer}/code")
        yield from _resident_id(party, pointer)
    else:
        # Before the unified code there were older numbers; one of them names the party as well.
        if party.code is None and not party.registrations:
            yield fault(DoorRule.PARTY_CODE_MISSING, f"{pointer}/code")
        if party.known_code is not None and not is_uscc(party.known_code):
            yield fault(DoorRule.USCC_CHECK_DIGIT, f"{pointer}/code")
        if party.id_number is not None:
            yield fault(DoorRule.ID_NUMBER_OF_ORGANISATION, f"{pointer}/id_number")
    if party.legal_representative is not None:
        yield from _resident_id(party.legal_representative, f"{pointer}/legal_representative")


def _resident_id(holder: SentParty | SentRepresentative, pointer: str) -> Iterator[Fault]:
    # Without a type it is taken for a resident id: that is what nearly all of them are.
    is_resident = holder.id_type in {None, RESIDENT_ID}
    if holder.id_number is not None and is_resident and not is_resident_id(holder.id_number):
        yield fault(DoorRule.RESIDENT_ID_CHECK_DIGIT, f"{pointer}/id_number")


def date_faults(submission: Submission, today: date) -> Iterator[Fault]:
    """Dates that contradict each other or the present."""
    if submission.decided_on > today:
        yield fault(DoorRule.DECISION_IN_FUTURE, "/decided_on")
    yield from acceptance_faults(submission.accepted_on, submission.effective_on)
    if submission.valid_from is None:
        if submission.kind is not DecisionKind.REFUSED:
            yield fault(DoorRule.VALID_FROM_MISSING, "/valid_from")
        return
    yield from validity_faults(
        submission.kind, submission.valid_from, submission.valid_until, today
    )


def acceptance_faults(accepted_on: date | None, effective_on: date) -> Iterator[Fault]:
    """An application is accepted (受理) before it is decided."""
    if accepted_on is not None and accepted_on > effective_on:
        yield fault(DoorRule.ACCEPTED_AFTER_DECISION, "/accepted_on")


def validity_faults(
    kind: DecisionKind, valid_from: date, valid_until: date | None, today: date, under: str = ""
) -> Iterator[Fault]:
    """A term that ends before it begins, or has not begun.

    A renewal (延续) is decided before the old term ends, so it may begin later (行政许可法 §50).
    """
    if valid_until is not None and valid_until < valid_from:
        yield fault(DoorRule.VALIDITY_REVERSED, f"{under}/valid_until")
    if valid_from > today and kind is not DecisionKind.RENEWED:
        yield fault(DoorRule.VALID_FROM_IN_FUTURE, f"{under}/valid_from")


def _act_by_kind(submission: Submission) -> Iterator[Fault]:
    if submission.act is None and submission.kind in _NEED_AN_ACT:
        yield fault(DoorRule.ACT_REQUIRED, "/act")
    if submission.act is not None and submission.kind in _HAVE_NO_ACT:
        yield fault(DoorRule.ACT_NOT_EXPECTED, "/act")


def act_faults(
    act: SentAct | None, decided_on: date, today: date, under: str = "/act"
) -> Iterator[Fault]:
    """An act follows its decision and has happened."""
    if act is None:
        return
    if act.on > today:
        yield fault(DoorRule.ACT_IN_FUTURE, f"{under}/on")
    if act.on < decided_on:
        yield fault(DoorRule.ACT_BEFORE_DECISION, f"{under}/on")
