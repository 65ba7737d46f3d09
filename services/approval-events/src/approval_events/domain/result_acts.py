"""What the approving side may do about a result that came back (第二回路)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from approval_events.domain.refusals import OutOfOrderError
from linkage_contracts.codes import ActionOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingResult:
    """A result on its way through the second loop, as far as the bureau has taken it."""

    result_id: str
    result_type: str
    decision_id: str
    authority: str
    supervisor: str
    party: str
    recorded_at: datetime
    traceparent: str | None = None
    """The trace that the result came in by, which the acts on it go on with."""
    received_by: str | None = None
    returned_by: str | None = None
    return_reason: str | None = None
    reported: Mapping[str, ActionOutcome] = field(default_factory=dict)
    """Outcomes by the ids of their events."""

    def check_receivable(self, by: str) -> bool:
        """Whether receipt (签收) is still to be done; ``False`` if this clerk has done it.

        Raises:
            OutOfOrderError: it was returned, or received by somebody else.
        """
        self._refuse_if_returned()
        if self.received_by is None:
            return True
        if self.received_by != by:
            raise OutOfOrderError(
                self.result_id, f"已由 {self.received_by} 签收", "received by somebody else"
            )
        return False

    def check_returnable(self, by: str, reason: str) -> bool:
        """Whether the return (退回) is still to be done; ``False`` if it was done just so.

        Raises:
            OutOfOrderError: it was received, or returned otherwise.
        """
        if (self.returned_by, self.return_reason) == (by, reason):
            return False
        self._refuse_if_returned()
        if self.received_by is not None:
            raise OutOfOrderError(self.result_id, "已签收,不能再退回", "already received")
        return True

    def check_reportable(self, event_id: str) -> bool:
        """Whether the report is still to be made; ``False`` if it was.

        Raises:
            OutOfOrderError: it was not received first.
        """
        self._refuse_if_returned()
        if self.received_by is None:
            raise OutOfOrderError(
                self.result_id, "请先签收,再报处置情况", "receive it first, then report"
            )
        return event_id not in self.reported

    def _refuse_if_returned(self) -> None:
        if self.returned_by is not None:
            raise OutOfOrderError(self.result_id, "已退回", "already returned")
