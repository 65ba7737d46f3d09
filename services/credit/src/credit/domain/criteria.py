"""The lines of a scorecard: which facts they are about, what those are worth, and for how long.

Points are risk points: what speaks against a party adds, what speaks for it takes away.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from credit.domain.facts import (
    ADVERSE_KINDS,
    GOOD_KINDS,
    SCORABLE_KINDS,
    Fact,
    FactKind,
)
from credit.domain.grades import Entry, PenaltyGrades, Seriousness, Whole
from linkage_contracts.codes import PartyKind, RiskClass

VERSION = r"20[0-9]{2}\.[1-9][0-9]{0,2}"
"""Year and number, spelled in one way only: of two versions of one rank readers keep the older."""
_MOST_POINTS = 1_000
_MOST_DAYS = 3_660


class Condition(Entry):
    """Which facts a line is about, and for how long they count."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    title: str = Field(min_length=1)
    facts: tuple[FactKind, ...] = Field(min_length=1)
    seriousness: Seriousness | None = None
    lists: tuple[str, ...] = ()
    """Which lists (名单) an entry must stand on; none named means any."""
    party_kinds: tuple[PartyKind, ...] = ()
    """Which kinds of party the line is for; none named means all."""
    validity_days: Whole = Field(ge=1, le=_MOST_DAYS)
    source: str | None = None
    """The text in which the distinction stands."""

    @model_validator(mode="after")
    def _scorable(self) -> Self:
        if stray := [kind for kind in self.facts if kind not in SCORABLE_KINDS]:
            msg = (
                f"facts: {', '.join(stray)} 不能计分 (takes facts out of the count, has no points)"
            )
            raise ValueError(msg)
        if self.seriousness and self.facts != (FactKind.PENALTY_IMPOSED,):
            msg = "seriousness: 只用于 facts: [penalty_imposed] (only penalties have a seriousness)"
            raise ValueError(msg)
        if self.lists and self.facts != (FactKind.LISTED,):
            msg = "lists: 只用于 facts: [listed] (only entries of lists stand on a list)"
            raise ValueError(msg)
        if PartyKind.NATURAL_PERSON in self.party_kinds:
            msg = "party_kinds: 自然人不评级 (natural persons are never rated)"
            raise ValueError(msg)
        return self

    def is_for(self, party_kind: PartyKind | None) -> bool:
        """Whether the line is for this kind of party; unknown kinds get the general lines."""
        return not self.party_kinds or party_kind in self.party_kinds

    def fits(self, fact: Fact, grades: PenaltyGrades) -> bool:
        """Whether a fact is of this line's kind."""
        if fact.kind not in self.facts:
            return False
        if self.lists:
            return fact.entry is not None and fact.entry.list_code in self.lists
        if self.seriousness is None:
            return True
        return fact.sanction is not None and grades.grade(fact.sanction) is self.seriousness

    def is_valid(self, fact: Fact, on: date) -> bool:
        """Whether a fact still counts on a day."""
        return 0 <= (on - fact.occurred_on).days < self.validity_days

    def ends_on(self, fact: Fact) -> date:
        """The first day on which a fact no longer counts for this line."""
        return fact.occurred_on + timedelta(days=self.validity_days)

    def worth_from(self, fact: Fact) -> Iterator[tuple[date, int]]:
        """From which days a fact of this line's kind is worth what; of a rule: 1, and then 0."""
        yield fact.occurred_on, 1
        yield self.ends_on(fact), 0

    def changes_after(self, fact: Fact, on: date) -> date | None:
        """The next day, after ``on``, on which what the fact means for this line may change."""
        if on < fact.occurred_on:
            return fact.occurred_on
        return self.ends_on(fact) if self.is_valid(fact, on) else None


class Step(Entry):
    """From so many days after the fact, so many per cent of its points are left."""

    after_days: Whole = Field(ge=1)
    percent: Whole = Field(ge=0, lt=100)


class Criterion(Condition):
    """Points for each fact of a kind, up to a cap, fading as time passes."""

    points: Whole = Field(ge=-_MOST_POINTS, le=_MOST_POINTS)
    cap: Whole = Field(ge=-_MOST_POINTS, le=_MOST_POINTS)
    decay: Literal["none", "linear", "steps"] = "none"
    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.points == 0 or self.points * self.cap <= 0 or abs(self.cap) < abs(self.points):
            msg = (
                "cap: 须与 points 同号且不小于它，points 不得为 0 (same sign, not smaller, no zero)"
            )
            raise ValueError(msg)
        if wrong := sorted(self._of_the_wrong_sign & set(self.facts)):
            msg = (
                f"points: {', '.join(wrong)} 正负号有误，加分为风险、减分为良好 "
                "(the wrong sign: points are risk, what speaks for a party takes away)"
            )
            raise ValueError(msg)
        if (self.decay == "steps") != bool(self.steps):
            msg = "steps: 仅当 decay: steps 时填写 (given if, and only if, decay is steps)"
            raise ValueError(msg)
        days = [step.after_days for step in self.steps]
        left = [100, *(step.percent for step in self.steps)]
        if days != sorted(set(days)) or left != sorted(set(left), reverse=True):
            msg = "steps: 天数须递增、百分比须递减 (days must rise and per cent must fall)"
            raise ValueError(msg)
        if days and days[-1] >= self.validity_days:
            msg = "steps: 天数须小于 validity_days (a step must come before the validity ends)"
            raise ValueError(msg)
        return self

    @property
    def _of_the_wrong_sign(self) -> frozenset[FactKind]:
        if self.points > 0:
            return GOOD_KINDS
        # Some kinds of party may be given back a part of what another line takes of all.
        return frozenset() if self.party_kinds else ADVERSE_KINDS

    def points_for(self, fact: Fact, on: date) -> int:
        """What one fact is worth on a day, before the cap."""
        return self._points_at((on - fact.occurred_on).days) if self.is_valid(fact, on) else 0

    @cached_property
    def fading(self) -> tuple[tuple[int, int], ...]:
        """From so many days after a fact it is worth so many points; in the end none."""
        worth = list(map(self._points_at, range(self.validity_days)))
        fades = [age for age in range(1, len(worth)) if worth[age] != worth[age - 1]]
        return (*((age, worth[age]) for age in (0, *fades)), (self.validity_days, 0))

    def changes_after(self, fact: Fact, on: date) -> date | None:
        """As for any line; a fading fact changes before it ends."""
        end = super().changes_after(fact, on)
        if end is None or on < fact.occurred_on:
            return end
        age = (on - fact.occurred_on).days
        return fact.occurred_on + timedelta(days=min(d for d, _ in self.fading if d > age))

    def worth_from(self, fact: Fact) -> Iterator[tuple[date, int]]:
        """As for any line, in points before the cap."""
        return ((fact.occurred_on + timedelta(days=age), points) for age, points in self.fading)

    def _points_at(self, age: int) -> int:
        """Whole points, halves away from zero."""
        match self.decay:
            case "none":
                return self.points
            case "linear":
                return _share(self.points, self.validity_days - age, self.validity_days)
            case "steps":
                reached = [step.percent for step in self.steps if step.after_days <= age]
                return _share(self.points, reached[-1] if reached else 100, 100)

    def worths(self) -> frozenset[int]:
        """Every number of points, but none, that one fact can be worth while it counts."""
        shares = {self.points}
        if self.decay == "linear":
            sign = 1 if self.points > 0 else -1
            shares |= {sign * each for each in range(1, abs(self.points))}
        shares |= {_share(self.points, step.percent, 100) for step in self.steps}
        return frozenset(shares - {0})


class HardRule(Condition):
    """Whatever the points say, one standing fact of this kind makes the class at least so bad."""

    at_least: RiskClass


def _share(points: int, part: int, whole: int) -> int:
    """``points * part / whole`` in whole numbers: no float decides a class."""
    rounded = (2 * abs(points) * part + whole) // (2 * whole)
    return rounded if points > 0 else -rounded
