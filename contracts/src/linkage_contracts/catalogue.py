"""The catalogue of items (事项目录): what may be approved, who supervises it, and what that owes.

Routing is a pure function of a decision and the catalogue version that it carries, so that it can
be replayed.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field, model_validator

from linkage_contracts.codes import (
    AuthorityKind,
    DecisionKind,
    Duty,
    ReceiptPolicy,
    ToleranceRegime,
)
from linkage_contracts.identity import is_region, is_uscc, regions_upward


class Entry(BaseModel):
    """A line of the catalogue; an unknown field is a mistake of whoever wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _unset(value: object) -> bool:
    # What was added later and is not used must not change the version of what was there before.
    return value is None


class Authority(Entry):
    """An organisation that approves, supervises or oversees, in one region."""

    id: str
    name: str
    kind: AuthorityKind
    region: str
    field: str | None = None
    receipt_policy: ReceiptPolicy = ReceiptPolicy.EXPLICIT
    deemed_after: int | None = Field(default=None, ge=0, exclude_if=_unset)
    """Working days after which ``explicit_then_deemed`` takes a push for received."""
    escalates_to: tuple[str, ...] | None = Field(default=None, min_length=1, exclude_if=_unset)
    """督办 goes to these; where none is named, to the oversight of the region."""
    escalates_again_to: tuple[str, ...] | None = Field(
        default=None, min_length=1, exclude_if=_unset
    )
    """The second level goes to these; where none is named, to the same as the first."""

    @model_validator(mode="after")
    def _named_rightly(self) -> "Authority":
        if not is_uscc(self.id):
            msg = f"{self.name}: id {self.id} 统一社会信用代码校验位不符 (GB 32100 check digit)"
            raise ValueError(msg)
        if not is_region(self.region):
            msg = f"{self.name}: region {self.region} 不是行政区划代码 (GB/T 2260, 6 to 12 digits)"
            raise ValueError(msg)
        if (self.kind is AuthorityKind.SUPERVISING) != (self.field is not None):
            msg = (
                f"{self.name}: field 仅监管部门须填 (a supervising authority has one, others none)"
            )
            raise ValueError(msg)
        policy = self.receipt_policy
        if self.deemed_after is not None and policy is not ReceiptPolicy.EXPLICIT_THEN_DEEMED:
            msg = f"{self.name}: deemed_after 仅用于 explicit_then_deemed (for that policy alone)"
            raise ValueError(msg)
        return self


class Supervision(Entry):
    """One field of supervision that an item needs, and what a grant of it owes."""

    field: str
    owes: tuple[Duty, ...]


class ItemTerms(Entry):
    """An item's own terms for its supervision, in working days; what is unset is as everywhere."""

    receipt: int | None = Field(default=None, ge=0)
    enrolment: int | None = Field(default=None, ge=0)
    inspection: int | None = Field(default=None, ge=0)
    commitment_check_months: int | None = Field(default=None, ge=0)


class CatalogueItem(Entry):
    """An item (事项): terms in working days."""

    code: str = Field(pattern=r"^[0-9A-Z]{10,36}$")
    name: str
    kind: str = "01"
    group: str
    legal_days: int = Field(ge=0)
    promised_days: int = Field(ge=0)
    commitment: bool = False
    tolerance: ToleranceRegime = ToleranceRegime.NONE
    supervised_by: tuple[Supervision, ...]
    longest_years: int | None = Field(default=None, ge=1, exclude_if=lambda years: years is None)
    """How long a licence may be valid by law; ``None`` where the law sets no term."""
    note: str | None = None
    terms: ItemTerms | None = Field(default=None, exclude_if=_unset)


class MappingRule(Entry):
    """A row whose columns contain all given substrings has these items."""

    certificate: str | None = None
    document: str | None = None
    content: str | None = None
    items: tuple[str, ...]

    def fits(self, certificate: str, document: str, content: str) -> bool:
        """Whether every given substring occurs in its column."""
        return all(
            wanted is None or wanted in column
            for wanted, column in (
                (self.certificate, certificate),
                (self.document, document),
                (self.content, content),
            )
        )


class AuthorityMapping(Entry):
    """How one authority's plain 28-column rows find their items."""

    authority: str
    rules: tuple[MappingRule, ...]


class Catalogue(Entry):
    """One version of the whole catalogue; the version is the digest of its content."""

    authorities: tuple[Authority, ...]
    items: tuple[CatalogueItem, ...]
    owes_by_kind: Mapping[DecisionKind, tuple[Duty, ...]]
    mappings: tuple[AuthorityMapping, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> "Catalogue":
        _refuse_repeats("authorities.id", (authority.id for authority in self.authorities))
        _refuse_repeats("items.code", (item.code for item in self.items))
        fields = {authority.field for authority in self.authorities}
        for item in self.items:
            for supervision in item.supervised_by:
                if supervision.field not in fields:
                    field = supervision.field
                    msg = (
                        f"{item.code} {item.name}: 无此监管领域 (no authority has field {field!r})"
                    )
                    raise ValueError(msg)
        self._refuse_unknown_superiors()
        known = {item.code for item in self.items}
        for mapping in self.mappings:
            for rule in mapping.rules:
                if not known.issuperset(rule.items):
                    msg = f"mappings {mapping.authority}: 未知事项 (unknown item) {rule.items}"
                    raise ValueError(msg)
        return self

    def _refuse_unknown_superiors(self) -> None:
        known = {authority.id for authority in self.authorities}
        for authority in self.authorities:
            named = (*(authority.escalates_to or ()), *(authority.escalates_again_to or ()))
            if unknown := sorted(set(named) - known):
                msg = f"{authority.name}: 督办至未知单位 (escalates to an unknown one) {unknown}"
                raise ValueError(msg)

    @cached_property
    def version(self) -> str:
        """Twelve hex digits of the SHA-256 of the content: the same content is the same version."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @cached_property
    def authority_by_id(self) -> dict[str, Authority]:
        """Every organisation by its code."""
        return {authority.id: authority for authority in self.authorities}

    @cached_property
    def item_by_code(self) -> dict[str, CatalogueItem]:
        """Every item by its base code."""
        return {item.code: item for item in self.items}

    @cached_property
    def oversight(self) -> tuple[Authority, ...]:
        """Who watches approvals, and judges what a bureau answers to findings."""
        return tuple(a for a in self.authorities if a.kind is AuthorityKind.OVERSIGHT)

    def overseers(self, region: str) -> tuple[Authority, ...]:
        """The oversight authorities of a region and those above it; all there are, if none is."""
        above = regions_upward(region)
        own = tuple(one for one in self.oversight if one.region in above)
        return own or self.oversight

    @cached_property
    def _competence(self) -> dict[tuple[str, str], Authority]:
        return {(a.field, a.region): a for a in self.authorities if a.field is not None}

    @cached_property
    def _rules(self) -> dict[str, tuple[MappingRule, ...]]:
        return {mapping.authority: mapping.rules for mapping in self.mappings}

    def competent(self, field: str, region: str) -> Authority | None:
        """The authority competent for a field in a region, else in the nearest region above it."""
        for candidate in regions_upward(region):
            if found := self._competence.get((field, candidate)):
                return found
        return None

    def items_for(
        self, authority: str, *, certificate: str, document: str, content: str
    ) -> tuple[str, ...]:
        """Items of a row that names none, by the authority's first rule that fits; else none."""
        for rule in self._rules.get(authority, ()):
            if rule.fits(certificate, document, content):
                return rule.items
        return ()


def _refuse_repeats(column: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            msg = f"{column}: {value} 重复 (appears twice)"
            raise ValueError(msg)
        seen.add(value)
