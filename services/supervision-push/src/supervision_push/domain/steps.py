"""The states of a push, and what may happen to it, each with its own time."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from linkage_contracts.codes import Channel, Duty


class PushState(StrEnum):
    """How far a push has come."""

    OPEN = "open"
    RECEIVED = "received"
    RETURNED = "returned"
    RECALLED = "recalled"
    CLOSED = "closed"

    @property
    def chinese(self) -> str:
        """As clerks read it."""
        return _CHINESE[self]


_CHINESE = {
    PushState.OPEN: "待签收",
    PushState.RECEIVED: "已签收",
    PushState.RETURNED: "已退回",
    PushState.RECALLED: "已收回",
    PushState.CLOSED: "已办结",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The first time that the push left our hands."""

    at: datetime
    channel: Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """签收: by a clerk, or deemed by the authority's policy."""

    at: datetime
    by: str
    deemed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """退回: not ours."""

    at: datetime
    by: str
    reason: str
    pool_id: str
    suggested: str | None = None
    rerouted_to: str | None = None
    """The suggested authority, where the catalogue knows it as a supervising one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """纳入监管."""

    at: datetime
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """反馈 on one duty."""

    duty: Duty
    at: datetime
    by: str
    outcome: str
    note: str | None = None
    result_id: str | None = None

    def says_the_same(self, other: "Feedback") -> bool:
        """Whether both tell the same, whoever sent them when."""
        return replace(self, at=other.at, by=other.by) == other


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """The decision ended: nothing is owed any more."""

    at: datetime
    ended_by: str
    """The decision event that ended it."""
    reason: str
