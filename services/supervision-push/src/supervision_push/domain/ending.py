"""Decisions end: withdrawn 撤回, annulled 撤销, deregistered 注销; each leaves a tombstone."""

from dataclasses import dataclass
from datetime import date, datetime

from linkage_contracts.codes import DecisionKind
from linkage_contracts.decisions import EVENT_OF_KIND, DecisionEvent
from supervision_push.domain.push import Push
from supervision_push.domain.steps import PushState

ENDS = frozenset({DecisionKind.WITHDRAWN, DecisionKind.ANNULLED, DecisionKind.DEREGISTERED})
"""After these nothing is owed any more for what was decided before."""

ENDING_TYPES = frozenset(EVENT_OF_KIND[kind].model_fields["type"].default for kind in ENDS)
"""The types of their events."""

_REASON_OF_ENDING = {
    DecisionKind.WITHDRAWN: "许可已撤回 (the decision was withdrawn)",
    DecisionKind.ANNULLED: "许可已撤销 (the decision was annulled)",
    DecisionKind.DEREGISTERED: "许可已注销 (the licence was deregistered)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The tombstone of a decision."""

    decision_id: str
    event_id: str
    on: date
    kind: DecisionKind
    at: datetime

    @property
    def reason(self) -> str:
        """Why its pushes are recalled."""
        return _REASON_OF_ENDING[self.kind]


def is_void(push: Push, ending: Ending) -> bool:
    """Whether this ending recalls the push, or recalled it already.

    Two endings on one day don't recall each other.
    """
    if push.recalled is not None:
        return push.recalled.ended_by == ending.event_id
    if push.state not in (PushState.OPEN, PushState.RECEIVED):
        return False
    earlier = push.effective_on < ending.on
    return earlier or (push.effective_on == ending.on and push.decision_type not in ENDING_TYPES)


def ending_of(event: DecisionEvent) -> Ending | None:
    """The tombstone that this event leaves, if it ends the decision."""
    decision = event.data
    if decision.kind not in ENDS:
        return None
    return Ending(
        decision_id=decision.decision_id,
        event_id=event.id,
        on=decision.effective_on,
        kind=decision.kind,
        at=event.recordedtime,
    )
