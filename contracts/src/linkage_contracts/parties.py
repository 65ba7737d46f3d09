"""The party (行政相对人) of a decision, and organisations of government."""

from pydantic import Field

from linkage_contracts.codes import PartyKind
from linkage_contracts.envelope import Value


class Organisation(Value):
    """An approving, supervising or overseeing authority, or a platform; ``id`` is its USCC."""

    id: str
    name: str


class SealedPerson(Value):
    """Personal data under a key of that person's own; deleting the key erases the person."""

    person: str
    """Keyed hash of the id number, or of the name where no number is known."""
    masked_name: str
    box: str
    """AES-256-GCM over the JSON of the personal fields, nonce in front, base64."""


class Party(Value):
    """Whom the decision is about. A natural person's name is masked and the rest is sealed."""

    key: str
    """USCC, or the keyed hash of a natural person, or ``decision:…`` where neither is known."""
    kind: PartyKind
    name: str
    code: str | None = None
    """统一社会信用代码, never of a natural person."""
    registrations: dict[str, str] = Field(default_factory=dict)
    """Older codes by official column suffix: GSZC, ZZJG, SWDJ, SYDW, SHZZ."""
    person: SealedPerson | None = None
    legal_representative_name: str | None = None
    """Public in the business register; only the id number behind it is sealed."""
    legal_representative: SealedPerson | None = None

    @property
    def is_rated(self) -> bool:
        """Credit rates organisations known by a code; natural persons are never rated."""
        return self.kind is not PartyKind.NATURAL_PERSON and self.code is not None
