"""What a department sends: a decision, or a later act on one. An unknown field is a mistake.

Parts that travel on as they were sent are the contracts' own values, read more strictly.
Limits are wider than the columns of the 双公示 table: a long text is no reason to hide a licence.
All of them together stay below the megabyte that a Kafka topic takes.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from approval_events.domain.text import (
    Code,
    Day,
    Digest,
    Line,
    Number,
    OptionalCode,
    OptionalDay,
    OptionalLine,
    OptionalNumber,
    Prose,
    UntilDay,
)
from linkage_contracts.codes import DecisionKind, PartyKind
from linkage_contracts.decisions import Act, Commitment, Document, Tolerance
from linkage_contracts.identity import UNKNOWN_USCC

RESIDENT_ID = "身份证"
_RESIDENT_ID_NAMES = {"身份证", "居民身份证", "公民身份号码", "01", "111"}
"""The 双公示 word, its code in some systems, and GA/T 2000.156."""


def _one_name_for_resident_id(value: str | None) -> str | None:
    return RESIDENT_ID if value in _RESIDENT_ID_NAMES else value


def _each_once(codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))


def _without_blanks(codes: object) -> object:
    if isinstance(codes, list | tuple):
        return [code for code in codes if not isinstance(code, str) or code.strip()]
    return codes


IdType = Annotated[OptionalLine, AfterValidator(_one_name_for_resident_id)]
Registration = Literal["GSZC", "ZZJG", "SWDJ", "SYDW", "SHZZ"]
ItemCodes = Annotated[
    tuple[Code, ...],
    Field(max_length=50),
    AfterValidator(_each_once),
    BeforeValidator(_without_blanks),
]


class Sent(BaseModel):
    """A part of what was sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SentDocument(Document):
    """A material, opinion or licence by reference."""

    model_config = ConfigDict(extra="forbid")

    name: Line
    uri: Annotated[str, Field(min_length=1, max_length=1_000)]
    sha256: Digest
    readers: Annotated[tuple[Code, ...], Field(max_length=20)] = ()


Documents = Annotated[tuple[SentDocument, ...], Field(max_length=80)]


class SentRepresentative(Sent):
    """法定代表人."""

    name: Line
    id_type: IdType = None
    id_number: OptionalCode = None


class SentParty(Sent):
    """行政相对人."""

    kind: PartyKind
    name: Line
    code: OptionalCode = None
    """统一社会信用代码; seventeen zeros and an X when the department does not know it."""
    registrations: dict[Registration, Code] = {}
    id_type: IdType = None
    id_number: OptionalCode = None
    legal_representative: SentRepresentative | None = None

    @property
    def known_code(self) -> str | None:
        """The code, unless it is the filler for an unknown one."""
        return None if self.code == UNKNOWN_USCC else self.code


class SentAct(Act):
    """The later act's own document."""

    model_config = ConfigDict(extra="forbid")

    document_number: Number
    on: Day
    ground: Prose


class SentCommitment(Commitment):
    """告知承诺."""

    model_config = ConfigDict(extra="forbid")

    text: Prose
    verify_by: OptionalDay = None
    method: OptionalLine = None


class SentTolerance(Tolerance):
    """容缺."""

    model_config = ConfigDict(extra="forbid")

    missing: Annotated[tuple[Line, ...], Field(min_length=1, max_length=100)]
    supplement_by: OptionalDay = None
    # Left out of what is digested where it is not given: those keep the digest that they had.
    supplemented_on: Annotated[OptionalDay, Field(exclude_if=lambda day: day is None)] = None


class Submission(Sent):
    """One decision, or the whole of it as it stands after an act."""

    kind: DecisionKind
    authority: Code
    document_number: Number
    document_title: Line
    licence_number: OptionalNumber = None
    certificate_name: OptionalLine = None
    category: Line
    content: Prose
    accepted_on: OptionalDay = None
    """受理日期: the time to decide runs from it."""
    decided_on: Day
    valid_from: OptionalDay = None
    """Only a refusal may leave it out."""
    valid_until: UntilDay = None
    region: OptionalCode = None
    party: SentParty
    items: ItemCodes = ()
    act: SentAct | None = None
    commitment: SentCommitment | None = None
    tolerance: SentTolerance | None = None
    case_number: OptionalNumber = None
    project_code: OptionalNumber = None
    materials: Documents = ()
    opinions: Documents = ()
    licence: SentDocument | None = None

    @property
    def effective_on(self) -> date:
        """The date that orders the versions of one decision."""
        return self.act.on if self.act else self.decided_on


class Changes(Sent):
    """What an act changes; kind, authority, number and date of the decision stay for ever."""

    document_title: Line | None = None
    licence_number: OptionalNumber = None
    certificate_name: OptionalLine = None
    category: Line | None = None
    content: Prose | None = None
    valid_from: OptionalDay = None
    valid_until: UntilDay = None
    region: OptionalCode = None
    party: SentParty | None = None
    items: ItemCodes | None = None
    commitment: SentCommitment | None = None
    tolerance: SentTolerance | None = None
    case_number: OptionalNumber = None
    project_code: OptionalNumber = None
    materials: Documents | None = None
    opinions: Documents | None = None
    licence: SentDocument | None = None


class ActSubmission(SentAct):
    """A later act on a decision that is known here."""

    kind: Literal[
        DecisionKind.AMENDED,
        DecisionKind.RENEWED,
        DecisionKind.WITHDRAWN,
        DecisionKind.ANNULLED,
        DecisionKind.DEREGISTERED,
    ]
    # Left out of what is digested where it is not given: such acts keep the digest that they had.
    accepted_on: Annotated[OptionalDay, Field(exclude_if=lambda day: day is None)] = None
    """受理日期 of the application for this act."""
    changes: Changes = Changes()
