"""What the API says, as its OpenAPI document shows it."""

from datetime import date

from pydantic import BaseModel

from credit.application.answer_eligibility import Eligibility
from credit.application.explain_rating import ExplainedRating
from credit.domain.bars import Use
from credit.domain.course import ClassTurn
from credit.domain.facts import REPAIRABLE_KINDS, Fact, FactKind
from credit.domain.outlook import Share, Step, Ways
from credit.domain.repair import published_until, repairable_from
from credit.domain.scorecard import Scorecard
from credit.domain.standing import as_corrected, ended_on, standing
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import Bar, Rating, Reason

# 国市监信发〔2022〕6号 (DOMAIN.md §4.1).
NOTICE = (
    "内部监管参考：仅供配置监管资源，不是对企业的信用评价，不得公开或向当事人出示 "
    "Internal supervision reference: for allocating supervision resources only. Not an evaluation "
    "of the enterprise, not public, not to be shown to the party"
)


class ChangeAnswer(BaseModel):
    """A party whose class changed, from what and by what."""

    party: str
    party_name: str
    class_since: date
    previous_class: RiskClass
    risk_class: RiskClass
    points: int
    scorecard: str
    reasons: tuple[Reason, ...]

    @classmethod
    def of(cls, rating: Rating) -> "ChangeAnswer":
        """The change as it is shown."""
        return cls.model_validate(rating.model_dump(include=set(cls.model_fields)))


class RatingAnswer(BaseModel):
    """A rating as of a day, and how the party came to its class."""

    notice: str = NOTICE
    party: str
    party_name: str
    risk_class: RiskClass
    points: int
    scorecard: str
    as_of: date
    reasons: tuple[Reason, ...]
    bars: tuple[Bar, ...]
    decided_by: str
    """``bands``, or the hard rule that made the class worse than the points."""
    shares: tuple[Share, ...]
    to_come: tuple[Step, ...]
    ways_up: Ways | None
    class_changes: tuple[ClassTurn, ...]
    """Newest first, by the facts that are known today; ``on=`` tells the reasons of each day."""
    domains: tuple[str, ...]
    """The domains that the party is rated in; ``domain=`` asks for one."""

    @classmethod
    def of(cls, explained: ExplainedRating) -> "RatingAnswer":
        """The rating as it is shown."""
        rating, outlook = explained.rating, explained.outlook
        shown = rating.model_dump(include=set(cls.model_fields) - {"reasons", "bars", "domains"})
        return cls(
            reasons=rating.reasons,
            bars=explained.bars,
            decided_by=outlook.decided_by,
            shares=outlook.shares,
            to_come=outlook.to_come,
            ways_up=outlook.ways,
            class_changes=explained.changes,
            domains=explained.domains,
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
    targets: tuple[str, ...]
    list_code: str | None
    until: date | None
    """Of an entry of a list: the day from which it no longer counts."""
    repairable_from: date | None
    published_until: date | None
    """Of 失信信息: the terms of NDRC Order No. 36; none of what was taken back."""
    ended_on: date | None
    """Since when it was repaired, or removed from its list: publication, sharing and use ended."""
    counts: bool


class FactsAnswer(BaseModel):
    """A party's facts, newest first."""

    party: str
    total: int
    facts: tuple[FactAnswer, ...]

    @classmethod
    def of(
        cls, party: str, facts: tuple[Fact, ...], on: date, limit: int, card: Scorecard
    ) -> "FactsAnswer":
        """The newest of the facts, as they stand on a day, corrected where their source did so."""
        counting = {fact.fact_id for fact in standing(facts, on)}
        right = {fact.fact_id: fact for fact in as_corrected(facts)}
        ended = ended_on(right.values())
        all_facts = {fact.fact_id: fact for fact in facts} | right
        newest = sorted(all_facts.values(), key=lambda f: (f.occurred_on, f.fact_id), reverse=True)
        shown = tuple(
            _fact(
                fact,
                card if fact.fact_id in right else None,
                ended.get(fact.fact_id),
                counts=fact.fact_id in counting,
            )
            for fact in newest[:limit]
        )
        return cls(party=party, total=len(facts), facts=shown)


class EligibilityAnswer(BaseModel):
    """Whether a party may use commitment (告知承诺) or tolerance (容缺); never its class."""

    party: str
    item: str | None
    use: Use
    on: date
    eligible: bool
    rated: bool
    bars: tuple[Bar, ...]
    """What bars the party, on what ground, and the way to regain it."""
    closed: str | None
    """Why the item is open to nobody for this use."""
    note: str | None = None

    @classmethod
    def of(cls, answer: Eligibility, note: str) -> "EligibilityAnswer":
        """The answer as it is given; ``note`` is for who is not rated."""
        asked = answer.question
        return cls(
            party=asked.party,
            item=asked.item,
            use=asked.use,
            on=asked.on,
            eligible=not answer.bars and answer.closed is None,
            rated=answer.is_rated,
            bars=answer.bars,
            closed=answer.closed,
            note=None if answer.is_rated else note,
        )


class EligibilityAnswers(BaseModel):
    """The answers, in the order of the questions."""

    answers: tuple[EligibilityAnswer, ...]


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


def _fact(fact: Fact, card: Scorecard | None, ended: date | None, *, counts: bool) -> FactAnswer:
    """A fact; ``card`` has the terms, and is none for what was taken back."""
    sanction, entry = fact.sanction, fact.entry
    is_stain = fact.kind in REPAIRABLE_KINDS and (entry is None or entry.is_adverse)
    seriousness = card.seriousness_of(fact) if card and is_stain else None
    until = published_until(fact, seriousness) if seriousness else None
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
        targets=fact.targets,
        list_code=entry.list_code if entry else None,
        until=entry.until if entry else None,
        repairable_from=repairable_from(fact, seriousness) if seriousness and not ended else None,
        published_until=min(until, ended) if until and ended else until,
        ended_on=ended,
        counts=counts,
    )
