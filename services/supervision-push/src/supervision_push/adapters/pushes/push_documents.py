"""How a push, a pool entry and a tombstone lie in MongoDB.

pushes: _id = push_id, then the fields of ``Push`` as they are called there, but days are ISO
strings, the clocks are as ``clock_documents`` has them, and beside::

    finish_at   returned, and not in the pool yet; absent otherwise
    body        the bytes of the decision event
    outbox, unpublished, held_at    see ``linkage_runtime.outbox``

pool: _id = pool_id, the fields of ``PoolEntry``, ``waiting``, ``body``, and when taken ``opening``
(the push to open) with ``finish_at`` until it is open.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from linkage_contracts.codes import DecisionKind
from linkage_contracts.deadlines import DeadlineRef
from supervision_push.adapters.deadlines.clock_documents import clock_fields, clocks_in
from supervision_push.application.clock_ports import Subject
from supervision_push.domain.ending import Ending
from supervision_push.domain.pool import Claim, PoolEntry
from supervision_push.domain.push import Push

_STEPS = ("delivery", "receipt", "enrolment", "returned", "recalled")
_PUSH: TypeAdapter[Push] = TypeAdapter(Push)
_ENTRY: TypeAdapter[PoolEntry] = TypeAdapter(PoolEntry)
_ENDING: TypeAdapter[Ending] = TypeAdapter(Ending)

WITHOUT_BODY = {"body": False, "outbox": False}
"""A projection for acts, which don't look at what was decided."""


def push_document(push: Push, body: bytes) -> dict[str, Any]:
    """A push that is stored for the first time."""
    return {"_id": push.push_id, **push_fields(push), "body": body}


def push_fields(push: Push) -> dict[str, Any]:
    """All fields but the id; what is ``None`` is absent."""
    # Written out: a walk over the values costs ten times as much, for every push that is opened.
    fields: dict[str, Any] = {
        "decision_id": push.decision_id,
        "event_id": push.event_id,
        "decision_type": push.decision_type,
        "effective_on": push.effective_on.isoformat(),
        "authority": push.authority,
        "recipient": push.recipient,
        "party": push.party,
        "round": push.round,
        "items": [{"code": item.code, "name": item.name} for item in push.items],
        "owes": [duty.value for duty in push.owes],
        "policy": push.policy.value,
        "accepted_at": push.accepted_at,
        "opened_at": push.opened_at,
        "state": push.state.value,
        "feedback": [_step(one) for one in push.feedback],
        "revision": push.revision,
        **clock_fields(push.clocks),
    }
    steps = {name: _step(step) for name in _STEPS if (step := getattr(push, name))}
    optional = {
        "rerouted_from": push.rerouted_from,
        "resolves": push.resolves,
        "traceparent": push.traceparent,
    }
    return fields | steps | {key: value for key, value in optional.items() if value is not None}


def push_changes(before: Push, after: Push) -> dict[str, dict[str, Any]]:
    """``$set`` and ``$unset`` that lead from one to the other; the revision is counted apart."""
    old, new = push_fields(before), push_fields(after)
    written = {key: value for key, value in new.items() if key not in old or old[key] != value}
    written.pop("revision", None)
    gone = dict.fromkeys(old.keys() - new.keys(), "")
    return {"$set": written} | ({"$unset": gone} if gone else {})


def push_in(document: Mapping[str, Any]) -> Push:
    """The push of a document."""
    fields = {key: document[key] for key in Push.__dataclass_fields__ if key in document}
    fields["clocks"] = clocks_in(document)
    return _PUSH.validate_python({**fields, "push_id": document["_id"]})


def push_subject(document: Mapping[str, Any]) -> Subject:
    """A push is owed by its recipient; the approving authority is told of a breach."""
    return Subject(
        key=document["_id"],
        about=DeadlineRef(decision_id=document["decision_id"], push_id=document["_id"]),
        organisation=document["recipient"],
        counterpart=document["authority"],
        party=document["party"],
        revision=document["revision"],
        clocks=clocks_in(document),
    )


def entry_document(entry: PoolEntry) -> dict[str, Any]:
    """A pool entry without its body."""
    fields = _step(entry)
    del fields["pool_id"]
    fields["items"] = [{"code": item.code, "name": item.name} for item in entry.items]
    fields["owes"] = [duty.value for duty in entry.owes]
    if entry.claim is not None:
        fields["claim"] = claim_fields(entry.claim)
    return {"_id": entry.pool_id, **fields, "waiting": entry.claim is None}


def claim_fields(claim: Claim) -> dict[str, Any]:
    """Who took an entry."""
    return _step(claim)


def entry_in(document: Mapping[str, Any]) -> PoolEntry:
    """The pool entry of a document."""
    fields = {key: document[key] for key in PoolEntry.__dataclass_fields__ if key in document}
    return _ENTRY.validate_python({**fields, "pool_id": document["_id"]})


def ending_fields(ending: Ending) -> dict[str, Any]:
    """Its order of fields is the order of endings: by day, then by event."""
    return {
        "on": ending.on.isoformat(),
        "event_id": ending.event_id,
        "kind": str(ending.kind),
        "at": ending.at,
    }


def ending_in(document: Mapping[str, Any]) -> Ending:
    """The latest ending of a decision."""
    last = document["last"]
    return _ENDING.validate_python(
        {**last, "kind": DecisionKind(last["kind"]), "decision_id": document["_id"]}
    )


def _step(step: Any) -> dict[str, Any]:  # noqa: ANN401 -- any of the frozen values of a push
    """The fields of one value, codes as strings; what is ``None`` is absent."""
    return {
        name: value.value if isinstance(value, StrEnum) else value
        for name in step.__dataclass_fields__
        if (value := getattr(step, name)) is not None
    }
