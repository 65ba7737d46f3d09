"""A later act (变更, 延续, 撤回, 撤销, 注销) on a decision that stands in the books."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from approval_events.domain.door import (
    acceptance_faults,
    act_faults,
    party_faults,
    region_faults,
    validity_faults,
)
from approval_events.domain.drafting import Seals, Stamp, coded, named_items, sealed_party, stamped
from approval_events.domain.identity import KeyOf, person_of
from approval_events.domain.rules import DoorRule, fault
from approval_events.domain.submission import ActSubmission, Changes, SentParty
from linkage_contracts.decisions import Act, Decision, DecisionEvent
from linkage_runtime.faults import Fault

_STAY_IF_NULL = {"document_title", "category", "content", "valid_from", "region"}
"""A decision cannot be without these, so null means unchanged."""
_OF_THEIR_OWN = {"party", "items"}
_LISTS = {"materials", "opinions"}


def base_of(versions: Sequence[DecisionEvent], on: date, event_id: str) -> DecisionEvent | None:
    """The version that an act of this date changes: the newest before it, else the oldest there is.

    The act's own earlier arrival is not its base, so that a repeat comes to the same.
    """
    others = sorted(
        (event for event in versions if event.id != event_id),
        key=lambda event: (event.data.effective_on, event.recordedtime, event.id),
    )
    earlier = [event for event in others if event.data.effective_on <= on]
    return earlier[-1] if earlier else next(iter([*others, *versions]), None)


def act_faults_in(
    act: ActSubmission, base: Decision, *, key_of: KeyOf, today: date
) -> tuple[Fault, ...]:
    """Everything that must be mended before this act can be recorded."""
    return (
        *act_faults(act, base.decided_on, today, under=""),
        *acceptance_faults(act.accepted_on, act.on),
        *_change_faults(act, base, today),
        *_party_change_faults(act.changes.party, base, key_of),
    )


def _change_faults(act: ActSubmission, base: Decision, today: date) -> Iterator[Fault]:
    changed = act.changes.model_fields_set
    yield from region_faults(act.changes.region, "/changes/region")
    if changed & {"valid_from", "valid_until"}:
        valid_from = act.changes.valid_from or base.valid_from
        until = act.changes.valid_until if "valid_until" in changed else base.valid_until
        yield from validity_faults(act.kind, valid_from, until, today, under="/changes")


def _party_change_faults(party: SentParty | None, base: Decision, key_of: KeyOf) -> Iterator[Fault]:
    if party is None:
        return
    yield from party_faults(party, "/changes/party")
    # An unknown party may become known; a known one may change its name, not who it is.
    known = base.party.code or (base.party.key if base.party.key.startswith("person:") else None)
    named = party.known_code or (key_of(person_of(party)) if party.id_number else None)
    if party.kind is not base.party.kind or known not in {None, named}:
        yield fault(DoorRule.PARTY_CHANGED, "/changes/party")


def acted(act: ActSubmission, base: Decision, *, stamp: Stamp, seals: Seals) -> Decision:
    """The whole decision as it stands after the act."""
    update: dict[str, Any] = _simple_changes(act.changes)
    party = act.changes.party
    if party is not None:
        update["party"] = sealed_party(party, stamp.identity.party_key, seals)
    codes = act.changes.items or [item.code for item in base.items]
    return base.model_copy(
        update=update
        | stamped(stamp)
        | {
            "kind": act.kind,
            "accepted_on": act.accepted_on,
            "items": named_items(codes, stamp.catalogue),
            "act": Act(document_number=act.document_number, on=act.on, ground=act.ground),
        }
    )


def _simple_changes(changes: Changes) -> dict[str, Any]:
    given = {field: getattr(changes, field) for field in changes.model_fields_set - _OF_THEIR_OWN}
    if "commitment" in given:
        given["commitment"] = coded(changes.commitment)
    return {
        field: () if value is None and field in _LISTS else value
        for field, value in given.items()
        if value is not None or field not in _STAY_IF_NULL
    }
