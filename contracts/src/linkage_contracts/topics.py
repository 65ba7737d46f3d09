"""Every topic: who owns it, who writes and reads it, and which events stand on it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import TypeAdapter

from linkage_contracts.actions import AnyActionEvent
from linkage_contracts.credit_acts import AnyCreditAct
from linkage_contracts.decisions import AnyDecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.feeds import AnyFeedEntry
from linkage_contracts.progress import AnyProgressEvent
from linkage_contracts.ratings import AnyRatingEvent
from linkage_contracts.results import AnyResultEvent

Service = Literal["approval-events", "supervision-push", "credit"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Topic:
    """One Kafka topic; there is one value for each, so it is compared and hashed by identity.

    ``key`` says what the Kafka key is: all events about one party are in order, and so is one feed.
    ``compacted`` topics keep the newest event of a key; all others are kept for ever.
    """

    name: str
    title: str
    key: Literal["party", "recipient"]
    owner: Service
    readers: frozenset[Service]
    events: Any
    compacted: bool = False

    @property
    def dead_letter(self) -> str:
        """Where a reader puts what it can never settle."""
        return f"{self.name}.dead-letter"

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """Reads one event of this topic from raw bytes."""
        return TypeAdapter(self.events)

    @property
    def event_types(self) -> tuple[type[Event], ...]:
        """The event classes that stand on this topic."""
        union = get_args(self.events)[0]
        return get_args(union) or (union,)

    def read(self, body: bytes) -> Event:
        """One event from its bytes.

        Raises:
            ValidationError: not JSON, an unknown type, or fields that don't fit.
        """
        event: Event = self.adapter.validate_json(body)
        return event


DECISIONS = Topic(
    name="approval.decisions.v1",
    title="许可决定 Decisions of approving authorities",
    key="party",
    owner="approval-events",
    readers=frozenset({"supervision-push", "credit", "approval-events"}),
    events=AnyDecisionEvent,
)
FEEDS = Topic(
    name="linkage.feeds.v1",
    title="信息流 What each organisation is to be told",
    key="recipient",
    owner="supervision-push",
    readers=frozenset({"supervision-push"}),
    events=AnyFeedEntry,
)
PROGRESS = Topic(
    name="supervision.progress.v1",
    title="推送进展 What became of each push",
    key="party",
    owner="supervision-push",
    readers=frozenset({"approval-events"}),
    events=AnyProgressEvent,
)
RESULTS = Topic(
    name="supervision.results.v1",
    title="监管结果 What supervision found",
    key="party",
    owner="supervision-push",
    readers=frozenset({"approval-events", "credit", "supervision-push"}),
    events=AnyResultEvent,
)
ACTIONS = Topic(
    name="approval.actions.v1",
    title="处置反馈 What the approving side did about what supervision found",
    key="party",
    owner="approval-events",
    readers=frozenset({"supervision-push", "credit", "approval-events"}),
    events=AnyActionEvent,
)
CREDIT_ACTS = Topic(
    name="credit.acts.v1",
    title="信用行为 Acts on credit facts",
    key="party",
    owner="credit",
    readers=frozenset({"credit", "supervision-push", "approval-events"}),
    events=AnyCreditAct,
)
RATINGS = Topic(
    name="credit.ratings.v1",
    title="信用风险分类 Each party's current rating",
    key="party",
    owner="credit",
    readers=frozenset({"supervision-push", "approval-events"}),
    events=AnyRatingEvent,
    compacted=True,
)

TOPICS: tuple[Topic, ...] = (
    DECISIONS,
    FEEDS,
    PROGRESS,
    RESULTS,
    ACTIONS,
    CREDIT_ACTS,
    RATINGS,
)
