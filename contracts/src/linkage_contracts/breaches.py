"""A broken commitment (违反告知承诺) and what the bureau does about it, step by step.

Suspected by a result of supervision; the party is told and heard (陈述申辩); found (认定) or
dismissed; warned with a term (警示, 限期整改); mended, or sanctioned (惩戒). The steps stand on
``approval.actions.v1``. A report (``linkage.action.reported.v1``) that confirms the breach, or says
that there is none, is the same step as a finding or a dismissal.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from linkage_contracts.codes import BreachSanction
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id


class BreachStep(Value):
    """What every step says: of which breach, who took it when, by which document and ground."""

    breach_id: Id
    result_id: Id
    """The result that raised it."""
    decision_id: Id
    authority: str
    """The bureau whose decision was made on the commitment."""
    supervisor: str
    by: str
    """The clerk, as the bureau names them; an account or staff number, not an id number."""
    on: date
    document_number: str
    ground: str
    note: str | None = None


class BreachNotice(BreachStep):
    """告知: what it is suspected of, and until when it may state its case."""

    hear_by: date


class BreachHearing(BreachStep):
    """陈述申辩: what the party said."""

    statement: str | None = None
    """``None``: it said nothing in time."""

    @property
    def silent(self) -> bool:
        """Whether the party let its time pass."""
        return self.statement is None


class BreachWarning(BreachStep):
    """警示、限期整改."""

    mend_by: date


class BreachSanctioning(BreachStep):
    """惩戒: one measure; another is another event."""

    kind: BreachSanction
    decision_event_id: Id | None = None
    """Of an annulment: the decision event that annuls."""
    referred_to: str | None = None
    """Of a referral: the authority that may penalise."""


class BreachNotified(Event):
    """The party was told of the suspicion, and of its right to be heard."""

    type: Literal["linkage.action.breach-notified.v1"] = "linkage.action.breach-notified.v1"
    data: BreachNotice


class BreachHeard(Event):
    """The party was heard, or said nothing in time."""

    type: Literal["linkage.action.breach-heard.v1"] = "linkage.action.breach-heard.v1"
    data: BreachHearing


class BreachFound(Event):
    """认定: the bureau found the commitment broken."""

    type: Literal["linkage.action.breach-found.v1"] = "linkage.action.breach-found.v1"
    data: BreachStep


class BreachDismissed(Event):
    """不成立: there was no breach, or a finding was set aside."""

    type: Literal["linkage.action.breach-dismissed.v1"] = "linkage.action.breach-dismissed.v1"
    data: BreachStep


class BreachWarned(Event):
    """警示: the party was warned, with a term to mend it."""

    type: Literal["linkage.action.breach-warned.v1"] = "linkage.action.breach-warned.v1"
    data: BreachWarning


class BreachMended(Event):
    """整改合格: the breach was mended."""

    type: Literal["linkage.action.breach-mended.v1"] = "linkage.action.breach-mended.v1"
    data: BreachStep


class BreachSanctioned(Event):
    """惩戒: the breach was sanctioned."""

    type: Literal["linkage.action.breach-sanctioned.v1"] = "linkage.action.breach-sanctioned.v1"
    data: BreachSanctioning


BreachEvent = (
    BreachNotified
    | BreachHeard
    | BreachFound
    | BreachDismissed
    | BreachWarned
    | BreachMended
    | BreachSanctioned
)
AnyBreachEvent = Annotated[BreachEvent, Field(discriminator="type")]
