"""Random inspections (双随机): which share of each class is drawn, and a draw that can be checked.

Every party has one number in a draw, SHA-256 of the seed and its code, the same for all
authorities. Each authority takes the lowest of each class: so the draw is decided by the seed
alone, and whom several draw they mostly draw together, for one joint visit (综合查一次).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Self

from pydantic import Field, model_validator

from credit.domain.criteria import VERSION
from credit.domain.facts import Fact, FactKind
from credit.domain.grades import Entry
from credit.domain.repair import plus_months
from linkage_contracts.codes import RiskClass

_INSPECTIONS = frozenset(
    {
        FactKind.INSPECTION_CONFORMS,
        FactKind.INSPECTION_MOSTLY_CONFORMS,
        FactKind.INSPECTION_FAILS,
    }
)


class ClassPlan(Entry):
    """What a class means for sampling."""

    share_percent: int = Field(ge=0, le=100)
    at_most: int | None = Field(default=None, ge=1)
    in_months: int = Field(default=12, ge=1, le=120)


class SamplingPlan(Entry):
    """Shares and frequencies of a place; internal, never public."""

    version: str = Field(pattern=rf"^sampling-{VERSION}$")
    source: str = Field(min_length=1)
    classes: Mapping[RiskClass, ClassPlan]
    most_a_year: int = Field(ge=1)
    """国办发〔2024〕54号: the annual cap of inspections of one enterprise."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := sorted(set(RiskClass) - self.classes.keys()):
            msg = f"classes: 缺少 {', '.join(missing)} (missing)"
            raise ValueError(msg)
        shares = [self.classes[each].share_percent for each in RiskClass]
        if shares != sorted(shares):
            msg = "classes: 比例须随风险递增 (the share must not fall as the risk rises)"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A party as it stood when the draw was announced."""

    party: str
    classes: Mapping[str, RiskClass]
    """By domain, those that it is rated in."""
    closed: frozenset[str] = frozenset()
    """The domains in which the cap, or the frequency of its class, leaves no room for a visit."""

    @property
    def line(self) -> str:
        """As a line of text: code, classes by domain, closed domains."""
        classes = ",".join(f"{domain}={own}" for domain, own in sorted(self.classes.items()))
        return f"{self.party} {classes} {','.join(sorted(self.closed)) or '-'}"

    @classmethod
    def of_line(cls, line: str) -> Self:
        """Back from the text."""
        party, classes, closed = line.split(" ")
        pairs = (pair.split("=") for pair in classes.split(","))
        return cls(
            party=party,
            classes={domain: RiskClass(own) for domain, own in pairs},
            closed=frozenset(closed.split(",")) - {"-"},
        )


def candidate(
    classes: Mapping[str, RiskClass],
    counted: Sequence[Fact],
    drawn_on: Iterable[date],
    plan: SamplingPlan,
    on: date,
) -> Candidate:
    """A party with the inspections that it had, or was drawn for, whichever are more.

    Args:
        classes: by domain.
        counted: its facts that count on the day; at least one.
        drawn_on: the days of earlier draws that drew it: visits to come count as well.
        plan: caps and frequencies.
        on: the day of the draw.
    """
    had = {fact.occurred_on for fact in counted if fact.kind in _INSPECTIONS}
    drawn = set(drawn_on)

    def visits_since(day: date) -> int:
        return max(sum(day <= each <= on for each in days) for days in (had, drawn))

    def rests(own: ClassPlan) -> bool:
        begin = plus_months(on, -own.in_months)
        return own.at_most is not None and visits_since(begin) >= own.at_most

    is_spent = visits_since(on.replace(month=1, day=1)) >= plan.most_a_year
    closed = {domain for domain, own in classes.items() if is_spent or rests(plan.classes[own])}
    return Candidate(party=counted[0].party, classes=dict(classes), closed=frozenset(closed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one authority draws from."""

    authority: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One visit to one party; of several authorities, together."""

    party: str
    authorities: tuple[str, ...]


def number_of(seed: str, party: str) -> str:
    """A party's number in a draw."""
    return sha256(f"{seed}\n{party}".encode()).hexdigest()


def draw(
    population: Sequence[Candidate], shares: Iterable[Share], plan: SamplingPlan, seed: str
) -> tuple[Visit, ...]:
    """Whom the seed draws: of each class its share, rounded up, of all that are of the class."""
    in_order = sorted(population, key=lambda each: number_of(seed, each.party))
    visits: defaultdict[str, list[str]] = defaultdict(list)
    for share in shares:
        of_class: defaultdict[RiskClass, list[Candidate]] = defaultdict(list)
        for each in in_order:
            if share.domain in each.classes:
                of_class[each.classes[share.domain]].append(each)
        for risk_class, parties in of_class.items():
            wanted = -(-len(parties) * plan.classes[risk_class].share_percent // 100)
            free = [each.party for each in parties if share.domain not in each.closed]
            for party in free[:wanted]:
                visits[party].append(share.authority)
    return tuple(
        Visit(party=party, authorities=tuple(sorted(by))) for party, by in sorted(visits.items())
    )


def commitment_to(seed: str) -> str:
    """What is published before a draw, and checked against the seed after it."""
    return sha256(seed.encode()).hexdigest()


def digest_of(population: Iterable[Candidate]) -> str:
    """The population in one number, so that nobody changes it after the announcement."""
    return sha256("".join(f"{each.line}\n" for each in population).encode()).hexdigest()
