"""Incentives (信易+): who may enjoy which, by public credit facts and lists alone.

Nothing here knows scorecards, ratings or classes; import-linter holds that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from pydantic import Field, model_validator

from credit.domain.criteria import VERSION
from credit.domain.facts import Fact, FactKind
from credit.domain.grades import Entry

PUBLIC_KINDS = frozenset(
    {
        FactKind.PENALTY_IMPOSED,
        FactKind.BREACH_CONFIRMED,
        FactKind.SUPPLEMENT_OVERDUE,
        FactKind.INSPECTION_CONFORMS,
    }
)
"""What a place publishes of a party, beside the lists that it stands on."""
_MOST_DAYS = 3_660


class Test(Entry):
    """Something that holds of a party, or does not: its lists, or facts of the last days."""

    title: str = Field(min_length=1)
    lists: tuple[str, ...] = ()
    facts: tuple[FactKind, ...] = ()
    at_least: int = Field(default=1, ge=1)
    within_days: int | None = Field(default=None, ge=1, le=_MOST_DAYS)

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if bool(self.facts) == bool(self.lists):
            msg = "facts, lists: 须且只能填一项 (give one of the two)"
            raise ValueError(msg)
        if bool(self.facts) != (self.within_days is not None):
            msg = "within_days: 仅当 facts 时填写 (given if, and only if, facts are)"
            raise ValueError(msg)
        if stray := sorted(set(self.facts) - PUBLIC_KINDS):
            public = ", ".join(sorted(PUBLIC_KINDS))
            msg = f"facts: {', '.join(stray)} 不公开 (not public); 可用 use: {public}"
            raise ValueError(msg)
        return self

    def found(self, counted: Iterable[Fact], on: date) -> tuple[str, ...]:
        """The facts by which it holds; none if it does not."""
        fitting = tuple(fact.fact_id for fact in counted if self._fits(fact, on))
        return fitting if len(fitting) >= self.at_least else ()

    def _fits(self, fact: Fact, on: date) -> bool:
        if fact.entry is not None:
            return fact.entry.list_code in self.lists
        within = self.within_days or 0
        return fact.kind in self.facts and (on - fact.occurred_on).days < within


class Incentive(Entry):
    """One thing that the trustworthy get."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    title: str = Field(min_length=1)
    gives: str = Field(min_length=1)
    source: str = Field(min_length=1)
    """The text that grants it, or ``assumption``."""
    needs: tuple[Test, ...] = Field(min_length=1)
    refused_by: tuple[Test, ...] = ()


class Incentives(Entry):
    """All of a place."""

    version: str = Field(pattern=rf"^incentives-{VERSION}$")
    incentives: tuple[Incentive, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One test of an incentive, and the facts by which it holds."""

    title: str
    holds: bool
    speaks_for: bool
    """Whether it is so, as it must be to enjoy the incentive."""
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enjoyment:
    """Whether a party may enjoy an incentive, and why, or why not."""

    incentive: Incentive
    enjoys: bool
    grounds: tuple[Ground, ...]


def enjoyments(counted: Sequence[Fact], incentives: Incentives, on: date) -> tuple[Enjoyment, ...]:
    """Every incentive, by the facts that count on a day."""
    return tuple(_enjoyment(counted, each, on) for each in incentives.incentives)


def _enjoyment(counted: Sequence[Fact], incentive: Incentive, on: date) -> Enjoyment:
    tests = [(test, True) for test in incentive.needs]
    tests += [(test, False) for test in incentive.refused_by]
    grounds = tuple(
        Ground(
            title=test.title,
            holds=bool(found),
            speaks_for=bool(found) is needed,
            facts=found,
        )
        for test, needed in tests
        for found in (test.found(counted, on),)
    )
    return Enjoyment(
        incentive=incentive, enjoys=all(each.speaks_for for each in grounds), grounds=grounds
    )
