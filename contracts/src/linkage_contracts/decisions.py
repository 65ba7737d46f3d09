"""Topic ``approval.decisions.v1``: what approving authorities decided."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from linkage_contracts.codes import DecisionKind, Rule, Severity, VerificationMethod
from linkage_contracts.envelope import Event, Value
from linkage_contracts.ids import Id, supplement_id
from linkage_contracts.parties import Organisation, Party

ENDING_KINDS = frozenset({DecisionKind.WITHDRAWN, DecisionKind.ANNULLED, DecisionKind.DEREGISTERED})
LACKS_NOTHING = ENDING_KINDS | {DecisionKind.REFUSED}


class Item(Value):
    """An item (事项) of the catalogue; ``name`` is empty when the code is off the catalogue."""

    code: str
    name: str = ""


class Document(Value):
    """A material, opinion or licence by reference and digest; its bytes never travel here."""

    name: str
    uri: str
    sha256: str
    readers: tuple[str, ...] = ()
    """Organisations that may open it; none named means the recipients of the push."""


class Commitment(Value):
    """告知承诺: what was promised, and by when and how it is to be verified."""

    text: str
    verify_by: date | None = None
    method: Annotated[VerificationMethod | str, Field(union_mode="left_to_right")] | None = None
    """Words where they are none of the codes; decisions of before the codes have words alone."""


class Tolerance(Value):
    """容缺: what is missing and by when it is owed."""

    missing: tuple[str, ...]
    supplement_by: date | None = None
    supplemented_on: date | None = None
    """The day on which nothing was missing any more, where that came before the decision."""


class Act(Value):
    """The later act on a decision: its own document, date and ground in law."""

    document_number: str
    on: date
    ground: str


class Irregularity(Value):
    """A rule of approval that this decision breaks. The licence exists all the same."""

    rule: Rule
    detail: str
    severity: Severity | None = None
    ground: str | None = None
    """The source of the rule, or that it is an assumption."""
    finding_id: Id | None = None
    """Under which the bureau answers."""


class Decision(Value):
    """The whole decision as it stands after the act, so that a reader needs no earlier event."""

    decision_id: Id
    kind: DecisionKind
    authority: Organisation
    document_number: str
    document_title: str
    licence_number: str | None = None
    certificate_name: str | None = None
    category: str
    content: str
    accepted_on: date | None = None
    """受理日期, from which the time to decide runs; of a later act, its own."""
    decided_on: date
    valid_from: date
    valid_until: date | None = None
    """``None`` is 长期 (2099/12/31 in the tables)."""
    region: str
    party: Party
    items: tuple[Item, ...] = ()
    catalogue_version: str
    act: Act | None = None
    commitment: Commitment | None = None
    tolerance: Tolerance | None = None
    case_number: str | None = None
    project_code: str | None = None
    materials: tuple[Document, ...] = ()
    opinions: tuple[Document, ...] = ()
    licence: Document | None = None
    irregularities: tuple[Irregularity, ...] = ()
    accepted_at: AwareDatetime
    digest: str
    """SHA-256 of what was submitted: the same id with another digest is a conflict."""

    @property
    def effective_on(self) -> date:
        """The date that orders the versions of one decision."""
        return self.act.on if self.act else self.decided_on


class DecisionEvent(Event):
    """What the six types share."""

    data: Decision

    @property
    def supplement_id(self) -> str | None:
        """What this version still lacks (容缺); nothing, of a refusal or an ended licence."""
        decision, tolerance = self.data, self.data.tolerance
        if tolerance is None or tolerance.supplemented_on or decision.kind in LACKS_NOTHING:
            return None
        return supplement_id(decision.decision_id, tolerance.supplement_by, tolerance.missing)


class DecisionIssued(DecisionEvent):
    """Granted or refused."""

    type: Literal["linkage.decision.issued.v1"] = "linkage.decision.issued.v1"


class DecisionAmended(DecisionEvent):
    """变更."""

    type: Literal["linkage.decision.amended.v1"] = "linkage.decision.amended.v1"


class DecisionRenewed(DecisionEvent):
    """延续: the same number with a later date."""

    type: Literal["linkage.decision.renewed.v1"] = "linkage.decision.renewed.v1"


class DecisionWithdrawn(DecisionEvent):
    """撤回: lawful, but the circumstances changed."""

    type: Literal["linkage.decision.withdrawn.v1"] = "linkage.decision.withdrawn.v1"


class DecisionAnnulled(DecisionEvent):
    """撤销: should never have been granted."""

    type: Literal["linkage.decision.annulled.v1"] = "linkage.decision.annulled.v1"


class DecisionDeregistered(DecisionEvent):
    """注销: ended and struck off the register."""

    type: Literal["linkage.decision.deregistered.v1"] = "linkage.decision.deregistered.v1"


EVENT_OF_KIND: dict[DecisionKind, type[DecisionEvent]] = {
    DecisionKind.GRANTED: DecisionIssued,
    DecisionKind.REFUSED: DecisionIssued,
    DecisionKind.AMENDED: DecisionAmended,
    DecisionKind.RENEWED: DecisionRenewed,
    DecisionKind.WITHDRAWN: DecisionWithdrawn,
    DecisionKind.ANNULLED: DecisionAnnulled,
    DecisionKind.DEREGISTERED: DecisionDeregistered,
}

AnyDecisionEvent = Annotated[
    DecisionIssued
    | DecisionAmended
    | DecisionRenewed
    | DecisionWithdrawn
    | DecisionAnnulled
    | DecisionDeregistered,
    Field(discriminator="type"),
]
