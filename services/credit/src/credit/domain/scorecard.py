"""A scorecard (评分表): versioned configuration that says what facts are worth; never law."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Self

from pydantic import Field, model_validator

from credit.domain.criteria import VERSION, Criterion, HardRule
from credit.domain.facts import ELIGIBILITY_KINDS, REPAIRABLE_KINDS, Fact, FactKind
from credit.domain.grades import Entry, PenaltyGrades, Seriousness, Whole
from linkage_contracts.codes import RiskClass

_CLASSES = tuple(RiskClass)


def rank_of(version: str) -> int:
    """Of two versions the later has the higher: ``…-2026.2`` is 26002."""
    year, number = version.rpartition("-")[2].split(".")
    return (int(year) - 2_000) * 1_000 + int(number)


class State(StrEnum):
    """草案 / 施行 / 停用: of each domain exactly one is published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Band(Entry):
    """A class and the highest total of points that it takes; the last band is open."""

    risk_class: RiskClass
    at_most: Whole | None = None


class Scorecard(Entry):
    """One version of one domain's scorecard."""

    version: str = Field(pattern=rf"^[a-z][a-z-]*-{VERSION}$")
    domain: str = Field(pattern=r"^[a-z][a-z-]*$")
    state: State
    title: str = Field(min_length=1)
    items: frozenset[str] = frozenset()
    """The domain's items: only facts about licences for them count, and facts about no licence."""
    penalty_grades: PenaltyGrades
    information_classes: Mapping[FactKind, Seriousness] = Field(default_factory=dict)
    """How serious, for credit repair, a fact that is no penalty is; what is not named is minor."""
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    hard_rules: tuple[HardRule, ...] = ()
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.version.rpartition("-")[0] != self.domain:
            msg = f"version: 须以 {self.domain}- 开头 (a version is its domain, year and number)"
            raise ValueError(msg)
        codes = [line.code for line in (*self.criteria, *self.hard_rules)]
        if repeated := sorted({code for code in codes if codes.count(code) > 1}):
            msg = f"code: {', '.join(repeated)} 重复 (appears twice)"
            raise ValueError(msg)
        limits = [band.at_most for band in self.bands[:-1] if band.at_most is not None]
        if tuple(band.risk_class for band in self.bands) != _CLASSES:
            msg = "bands: 须依次为 A、B、C、D (must be A, B, C, D, in this order)"
            raise ValueError(msg)
        complete = len(limits) == len(self.bands) - 1 and self.bands[-1].at_most is None
        if not complete or limits != sorted(set(limits)):
            msg = "bands: at_most 须递增，仅 D 无上限 (limits must rise; D, and only D, has none)"
            raise ValueError(msg)
        ungraded = REPAIRABLE_KINDS - {FactKind.PENALTY_IMPOSED}
        if stray := sorted(self.information_classes.keys() - ungraded):
            msg = f"information_classes: {', '.join(stray)} 不是可修复的失信信息 (not repairable)"
            raise ValueError(msg)
        if idle := sorted(set(RiskClass) - self._reachable()):
            msg = f"bands: {', '.join(idle)} 无论如何都达不到 (no points and no rule lead there)"
            raise ValueError(msg)
        return self

    def _reachable(self) -> set[RiskClass]:
        """The classes that some set of facts leads to."""
        totals = {0}
        for criterion in self.criteria:
            ways = _sums(criterion)
            totals = {total + way for total in totals for way in ways}
        return {self.band_of(total) for total in totals} | {r.at_least for r in self.hard_rules}

    @cached_property
    def rank(self) -> int:
        """Of two versions of a domain the later has the higher."""
        return rank_of(self.version)

    @property
    def digest(self) -> str:
        """What it says, in one number; state, title and fields left at their defaults apart."""
        said = self.model_dump(mode="json", exclude={"state", "title"}, exclude_defaults=True)
        said["items"] = sorted(self.items)
        return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @cached_property
    def _kinds_looked_at(self) -> frozenset[FactKind]:
        lines = (*self.criteria, *self.hard_rules)
        return ELIGIBILITY_KINDS | {kind for line in lines for kind in line.facts}

    def looks_at(self, fact: Fact) -> bool:
        """Whether a fact could move a rating by this scorecard, on any day."""
        return fact.kind in self._kinds_looked_at or not self.items.isdisjoint(fact.items)

    def seriousness_of(self, fact: Fact) -> Seriousness:
        """轻微 / 一般 / 严重: what a fact is for the terms of credit repair."""
        if fact.sanction is not None:
            return self.penalty_grades.grade(fact.sanction)
        return self.information_classes.get(fact.kind, Seriousness.MINOR)

    def band_of(self, points: int) -> RiskClass:
        """The class of a total of points."""
        return next(
            band.risk_class for band in self.bands if band.at_most is None or points <= band.at_most
        )


def _sums(criterion: Criterion) -> frozenset[int]:
    """Every total that the facts of one criterion can come to."""
    found, newest = {0}, {0}
    while newest:
        sums = {total + worth for total in newest for worth in criterion.worths()}
        capped = {each if abs(each) < abs(criterion.cap) else criterion.cap for each in sums}
        newest = capped - found
        found |= newest
    return frozenset(found)


class ScorecardsError(ValueError):
    """A set of scorecards does not say which one is in force."""


class Scorecards:
    """All scorecards of a place: of each domain exactly one is published."""

    GENERAL = "general"
    """The domain that every party has."""

    def __init__(self, cards: Iterable[Scorecard]) -> None:
        """Keep them by version.

        Raises:
            ScorecardsError: a version appears twice, or a domain has none, two, or an old one
                published.
        """
        self.cards = tuple(sorted(cards, key=lambda card: card.version))
        versions = [card.version for card in self.cards]
        if twice := sorted({version for version in versions if versions.count(version) > 1}):
            raise ScorecardsError(f"{', '.join(twice)}: 版本号重复 (this version appears twice)")
        published = [card for card in self.cards if card.state is State.PUBLISHED]
        for domain in sorted({card.domain for card in self.cards} | {self.GENERAL}):
            versions = [card.version for card in published if card.domain == domain]
            if len(versions) != 1:
                raise ScorecardsError(
                    f"{domain}: 须有且仅有一个施行版本，现有 {len(versions)} 个 "
                    f"(exactly one must be published): {', '.join(versions)}"
                )
        self.published = {card.domain: card for card in published}
        self._refuse_steps_back()

    def _refuse_steps_back(self) -> None:
        # Ratings are ordered by it: readers would keep what the newer version said.
        for card in self.cards:
            now = self.published[card.domain]
            if card.state is State.RETIRED and card.rank > now.rank:
                raise ScorecardsError(
                    f"{now.version}: 不得早于已停用的 {card.version}，请以新版本号施行 "
                    "(older than a retired version: publish it under the next number)"
                )

    @property
    def general(self) -> Scorecard:
        """The one by which every party is rated."""
        return self.published[self.GENERAL]

    @property
    def rank(self) -> int:
        """Rises with every version that is published."""
        return sum(card.rank for card in self.published.values())

    def of_party(self, known: Iterable[Fact]) -> tuple[Scorecard, ...]:
        """Those that a party is rated by: the general one, and of each domain it is licensed in."""
        items = {item for fact in known for item in fact.items}
        return (
            self.general,
            *(
                card
                for domain, card in sorted(self.published.items())
                if domain != self.GENERAL and not card.items.isdisjoint(items)
            ),
        )
