"""What keeps a party from commitment (告知承诺) or tolerance (容缺), and the way to regain them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from credit.domain.criteria import VERSION
from credit.domain.facts import Fact, FactKind
from credit.domain.grades import Entry
from credit.domain.scorecard import Scorecards, rank_of
from linkage_contracts.ratings import Bar

BARRING_KINDS = frozenset(
    {FactKind.BREACH_FOUND, FactKind.BREACH_CONFIRMED, FactKind.SUPPLEMENT_OVERDUE}
)
"""What may bar by itself; the counter reads these, lists, and what acts on them, and no more."""


class Use(StrEnum):
    """What a party asks to be given credit for at the counter."""

    COMMITMENT = "commitment"
    TOLERANCE = "tolerance"


class BarRule(Entry):
    """Which facts, or entries of which lists, bar a party from which uses, and of which items."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    facts: tuple[FactKind, ...] = ()
    lists: tuple[str, ...] = ()
    """Codes of lists (名单): standing on one bars."""
    uses: tuple[Use, ...] = Field(min_length=1)
    domains: tuple[str, ...] = ()
    """Bars only from the items of these domains' scorecards; none named: from every item."""
    ground: str = Field(min_length=1)
    """``{title}`` stands for the list's title."""
    remedy: str = Field(min_length=1)
    """``{until}`` stands for the day on which the entry ends by itself."""
    source: str = Field(min_length=1)
    """The text that it stands in, or ``assumption``."""

    @model_validator(mode="after")
    def _bars_by_something(self) -> Self:
        if bool(self.facts) == bool(self.lists):
            msg = "facts, lists: 须且只能填一项 (give one of the two)"
            raise ValueError(msg)
        if stray := sorted(set(self.facts) - BARRING_KINDS):
            kinds = ", ".join(sorted(BARRING_KINDS))
            msg = f"facts: {', '.join(stray)} 不能作为限制依据 (cannot bar); 可用 use: {kinds}"
            raise ValueError(msg)
        try:
            self._words("x", "x")
        except (KeyError, IndexError, ValueError) as error:
            msg = "ground, remedy: 只能使用 {title}、{until} (no other braces)"
            raise ValueError(msg) from error
        return self

    def fits(self, fact: Fact) -> bool:
        """Whether a fact bars by this rule."""
        if fact.entry is not None:
            return fact.entry.list_code in self.lists
        return fact.kind in self.facts

    def words_for(self, fact: Fact) -> tuple[str, str]:
        """Ground and remedy, as the party is told them."""
        entry = fact.entry
        return self._words(entry.title, entry.until.isoformat()) if entry else self._words("", "")

    def _words(self, title: str, until: str) -> tuple[str, str]:
        names = {"title": title, "until": until}
        return self.ground.format_map(names), self.remedy.format_map(names)


class BarRules(Entry):
    """All of a place: the one file in which it stands what bars from what."""

    version: str = Field(pattern=rf"^bars-{VERSION}$")
    """Raised with every change: ratings carry bars, and are told anew."""
    bars: tuple[BarRule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The rules, with the scorecards whose items they name by their domains."""

    rules: BarRules
    scorecards: Scorecards

    @property
    def rank(self) -> int:
        """Rises with every version of the rules, and of a domain that they name."""
        domains = {domain for rule in self.rules.bars for domain in rule.domains}
        cards = self.scorecards.published
        return rank_of(self.rules.version) + sum(cards[domain].rank for domain in domains)

    def among(self, counted: Iterable[Fact]) -> tuple[Bar, ...]:
        """The bars among facts that count: each a breach, an adverse list, or materials owed."""
        return tuple(bar for fact in counted for bar in self._of(fact))

    def _of(self, fact: Fact) -> Iterator[Bar]:
        for rule in self.rules.bars:
            if rule.fits(fact):
                ground, remedy = rule.words_for(fact)
                cards = self.scorecards.published
                items = frozenset[str]().union(*(cards[each].items for each in rule.domains))
                yield Bar(
                    fact=fact.fact_id,
                    since=fact.occurred_on,
                    ground=ground,
                    remedy=remedy,
                    uses=tuple(map(str, rule.uses)),
                    items=tuple(sorted(items)),
                )
