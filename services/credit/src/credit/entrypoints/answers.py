"""What the API says, as its OpenAPI document shows it."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from credit.domain.facts import Fact, FactKind
from credit.domain.standing import standing
from credit.ports import ClassChange
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Bar, Rating, Reason

# 国市监信发〔2022〕6号 (DOMAIN.md §4.1).
NOTICE = (
    "内部监管参考：仅供配置监管资源，不是对企业的信用评价，不得公开或向当事人出示 "
    "Internal supervision reference: for allocating supervision resources only. Not an evaluation "
    "of the enterprise, not public, not to be shown to the party"
)


class ChangeAnswer(BaseModel):
    """One change of class."""

    party: str
    party_name: str
    at: datetime
    previous_class: RiskClass | None
    risk_class: RiskClass
    points: int
    scorecard: str
    as_of: date
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, change: ClassChange) -> "ChangeAnswer":
        """The change as it is shown."""
        shown = change.rating.model_dump(include=set(cls.model_fields) - {"at", "reasons"})
        return cls(at=change.at, reasons=change.rating.reasons, **shown)


class RatingAnswer(BaseModel):
    """A rating as of a day, and how the party came to its class."""

    notice: str = NOTICE
    party: str
    party_name: str
    risk_class: RiskClass
    points: int
    scorecard: str
    as_of: date
    revision: int
    reasons: tuple[Reason, ...]
    bars: tuple[Bar, ...]
    class_changes: tuple[ChangeAnswer, ...]

    @classmethod
    def of(cls, rating: Rating, changes: tuple[ClassChange, ...]) -> "RatingAnswer":
        """The rating as it is shown."""
        shown = rating.model_dump(include=set(cls.model_fields) - {"reasons", "bars"})
        return cls(
            reasons=rating.reasons,
            bars=rating.bars,
            class_changes=tuple(map(ChangeAnswer.of, changes)),
            **shown,
        )


class FactAnswer(BaseModel):
    """One fact and where it comes from; ``counts`` says whether it stands today."""

    fact_id: str
    kind: FactKind
    occurred_on: date
    authority: str
    event_id: str
    decision_id: str | None
    result_id: str | None
    document_number: str | None
    penalty_kinds: tuple[str, ...]
    fine: str | None
    repairs: tuple[str, ...]
    counts: bool


class FactsAnswer(BaseModel):
    """A party's facts, newest first."""

    party: str
    total: int
    facts: tuple[FactAnswer, ...]

    @classmethod
    def of(cls, party: str, facts: tuple[Fact, ...], on: date, limit: int) -> "FactsAnswer":
        """The newest of the facts, as they stand on a day."""
        counting = {fact.fact_id for fact in standing(facts, on)}
        newest = sorted(facts, key=lambda fact: (fact.occurred_on, fact.fact_id), reverse=True)
        shown = tuple(_fact(fact, counts=fact.fact_id in counting) for fact in newest[:limit])
        return cls(party=party, total=len(facts), facts=shown)


class EligibilityAnswer(BaseModel):
    """Whether a party may use commitments (告知承诺); never its class."""

    party: str
    item: str | None
    eligible: bool
    rated: bool
    bars: tuple[Bar, ...]
    note: str | None = None


class RepairAnswer(BaseModel):
    """A repair that is on the log; the rating follows when the worker has read it."""

    status: Literal["accepted", "known"]
    event_id: str


class ClassesAnswer(BaseModel):
    """How many parties stand in each class."""

    notice: str = NOTICE
    scorecard: str
    parties: int
    classes: dict[RiskClass, int]


class ChangesAnswer(BaseModel):
    """The newest changes of class."""

    notice: str = NOTICE
    changes: tuple[ChangeAnswer, ...]


def _fact(fact: Fact, *, counts: bool) -> FactAnswer:
    sanction = fact.sanction
    return FactAnswer(
        fact_id=fact.fact_id,
        kind=fact.kind,
        occurred_on=fact.occurred_on,
        authority=fact.authority,
        event_id=fact.event_id,
        decision_id=fact.decision_id,
        result_id=fact.result_id,
        document_number=fact.document_number,
        penalty_kinds=tuple(map(str, sanction.kinds)) if sanction else (),
        fine=str(sanction.fine) if sanction else None,
        repairs=fact.repairs,
        counts=counts,
    )
