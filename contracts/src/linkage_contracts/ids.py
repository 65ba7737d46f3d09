"""Ids that stay the same however often a thing is sent: same content, same id, one effect."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Final
from uuid import UUID, uuid5

from pydantic import StringConstraints

LINKAGE: Final = UUID("6f0e4d3a-5b1c-5e0f-9d57-3c1f0a7b8e21")
"""The name space of every id of this system; never changed, or every id would."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
"""A uuid5 in lower-case text, as it stands in events, addresses and stores."""


def stable_id(kind: str, *parts: str) -> str:
    """The id of the thing of this ``kind`` that ``parts`` name; parts are never reordered."""
    return str(uuid5(LINKAGE, "\x1f".join((kind, *parts))))


def decision_id(
    authority: str, document_number: str, licence_number: str | None, party: str
) -> str:
    """One document of one authority for one party; ``party`` is its code, key or name."""
    return stable_id("decision", authority, document_number, licence_number or "", party)


def push_id(
    decision_event_id: str, recipient: str, routing_round: int, resolves: str | None = None
) -> str:
    """The obligation to inform ``recipient`` of one decision event; a reroute is a new round.

    ``resolves`` is the pool entry that the push settles: two of one event that go to the same
    authority at one moment may count the same round.
    """
    settled = () if resolves is None else (resolves,)
    return stable_id("push", decision_event_id, recipient, str(routing_round), *settled)


def finding_id(decision_event_id: str, rule: str) -> str:
    """One breach of one rule of approval by one version of a decision (预警纠错)."""
    return stable_id("finding", decision_event_id, rule)


def breach_id(result_id: str) -> str:
    """One broken commitment, whichever step is told first: of the result that raised it."""
    return stable_id("breach", result_id)


def supplement_id(decision_id: str, supplement_by: date | None, missing: Iterable[str]) -> str:
    """What one decision lacks (容缺): the same for every version with the same tolerance."""
    day = supplement_by.isoformat() if supplement_by else ""
    return stable_id("supplement", decision_id, day, *missing)


def overdue_id(party: str, decision_id: str, due_on: date) -> str:
    """That it did not come by this day: the same whether a clock or a bureau says so."""
    return stable_id("overdue", party, decision_id, due_on.isoformat())


def case_id(filed: str, authority: str) -> str:
    """What one authority decides of what was ``filed``: an application for repair, an objection."""
    return stable_id("credit case", filed, authority)


def entry_id(recipient: str, type_: str, cause: str) -> str:
    """One entry on one organisation's feed, told because of the event or deadline ``cause``."""
    return stable_id("entry", recipient, type_, cause)
