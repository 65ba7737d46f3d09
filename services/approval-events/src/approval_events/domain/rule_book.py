"""The rules of approval as a place has them: which hold where, how grave, on what ground."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from linkage_contracts.codes import DecisionKind, RiskClass, Rule, Severity
from linkage_contracts.identity import is_region, regions_upward

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000)]


class _Entry(BaseModel):
    """A part of the file; an unknown field is a mistake of whoever wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ApprovalRule(_Entry):
    """What every rule says of itself."""

    rule: Rule
    title: Text
    severity: Severity
    ground: Text
    """The text that it stands in; ``assumption`` where nothing published says it."""
    kinds: frozenset[DecisionKind] = Field(min_length=1)
    """The kinds of decision that it looks at."""
    regions: tuple[str, ...] = ()
    """Where it holds, with all districts below; none named is everywhere."""
    enabled: bool = True

    @model_validator(mode="after")
    def _regions_are_regions(self) -> "ApprovalRule":
        if strangers := [region for region in self.regions if not is_region(region)]:
            msg = f"regions {strangers} 不是行政区划代码 (not region codes: 6, 9 or 12 digits)"
            raise ValueError(msg)
        return self


class PlainRule(ApprovalRule):
    """A rule without parameters."""

    rule: Literal[
        Rule.OFF_CATALOGUE,
        Rule.COMMITMENT_NOT_ALLOWED,
        Rule.COMMITMENT_BARRED,
        Rule.TOLERANCE_NOT_ALLOWED,
        Rule.TOLERANCE_BARRED,
        Rule.DECIDED_AFTER_PROMISE,
        Rule.DECIDED_AFTER_LEGAL_TERM,
        Rule.VALIDITY_TOO_LONG,
        Rule.LICENCE_BEFORE_SUPPLEMENT,
    ]


class PushedLateRule(ApprovalRule):
    """报送时限: a decision must be sent to supervision soon."""

    rule: Literal[Rule.PUSHED_LATE]
    within_working_days: int = Field(ge=0)


class ToleranceTermRule(ApprovalRule):
    """容缺补正期限: what is missing must come well before the promised time ends."""

    rule: Literal[Rule.TOLERANCE_TOO_LONG]
    less_than_promise: int = Field(ge=0)
    """Working days before the end of the promised time."""
    at_most_working_days: int = Field(ge=1)


class ListedPartyRule(ApprovalRule):
    """名单: parties of these risk classes; lists of their own come with the credit service's."""

    rule: Literal[Rule.PARTY_LISTED]
    classes: frozenset[RiskClass] = Field(min_length=1)


class UnverifiedRule(ApprovalRule):
    """信用未核实: credit could not be asked whether the party may use commitment or tolerance."""

    rule: Literal[Rule.ELIGIBILITY_UNVERIFIED]
    when_credit_is_away: Literal["open", "closed"]
    """``open``: it is gone by what was told last, and the sender is told so. ``closed``: flagged
    besides, so that the bureau verifies it afterwards. The decision is accepted either way."""


AnyApprovalRule = Annotated[
    PlainRule | PushedLateRule | ToleranceTermRule | ListedPartyRule | UnverifiedRule,
    Field(discriminator="rule"),
]


class RuleBook(_Entry):
    """One version of all rules. Of several entries of one rule the one for the nearest region."""

    version: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*\d$")]
    """Raised with every change, and named in what is said about it."""
    rules: tuple[AnyApprovalRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once_a_region(self) -> "RuleBook":
        seen: set[tuple[Rule, str]] = set()
        for entry in self.rules:
            for region in entry.regions or ("",):
                if (entry.rule, region) in seen:
                    where = region or "所有地区 (everywhere)"
                    msg = f"rules: {entry.rule} 在 {where} 重复 (appears twice for this region)"
                    raise ValueError(msg)
                seen.add((entry.rule, region))
        return self

    @cached_property
    def _by_rule(self) -> Mapping[Rule, Mapping[str, AnyApprovalRule]]:
        found: dict[Rule, dict[str, AnyApprovalRule]] = {}
        for entry in self.rules:
            for region in entry.regions or ("",):
                found.setdefault(entry.rule, {})[region] = entry
        return found

    def in_force(self, region: str, kind: DecisionKind) -> Iterator[AnyApprovalRule]:
        """What a decision of this kind in this region is measured by."""
        upward = (*regions_upward(region), "")
        for entries in self._by_rule.values():
            nearest = next((entries[place] for place in upward if place in entries), None)
            if nearest is not None and nearest.enabled and kind in nearest.kinds:
                yield nearest

    def looks_at_lists(self) -> bool:
        """Whether any rule asks for a party's class, so that every party must be looked up."""
        return any(isinstance(entry, ListedPartyRule) and entry.enabled for entry in self.rules)
