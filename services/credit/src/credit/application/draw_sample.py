"""Draw whom to inspect (双随机): announced first, opened later, checked by whoever wants to.

The announcement freezes the population and publishes a commitment to the seed; opening adds a word
that nobody knew before, so that neither side alone decides whom the seed draws.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Protocol

from credit.domain.facts import in_order
from credit.domain.rating import rate
from credit.domain.sampling import (
    Candidate,
    SamplingPlan,
    Share,
    Visit,
    candidate,
    commitment_to,
    digest_of,
    draw,
)
from credit.domain.scorecard import Scorecards
from credit.domain.standing import standing
from credit.ports import AllFacts
from linkage_contracts.ids import stable_id
from linkage_runtime.clock import day_of
from linkage_runtime.errors import PermanentError

_AT_ONCE = 50
"""Parties looked at before other requests of this process get their turn."""


class DrawRefusedError(PermanentError):
    """No such draw, or one that cannot be opened so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceDraw:
    """Which authorities draw together, each from which domain."""

    title: str
    shares: tuple[Share, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One draw; ``seed`` and ``visits`` are shown once it is opened."""

    draw_id: str
    title: str
    shares: tuple[Share, ...]
    by: str
    announced_at: datetime
    plan: SamplingPlan
    """As it was."""
    population_digest: str
    parties: int
    seed: str
    word: str | None = None
    opened_at: datetime | None = None
    visits: tuple[Visit, ...] = ()
    left_alone: tuple[str, ...] = ()
    """Parties that other draws drew between the announcement and the opening: they are not drawn
    again, for the cap was reckoned without those visits."""

    @property
    def commitment(self) -> str:
        """Published at the announcement."""
        return commitment_to(self.seed)

    @property
    def on(self) -> date:
        """The day that classes, caps and frequencies are of."""
        return day_of(self.announced_at)

    @property
    def whole_seed(self) -> str:
        """What decides: the seed and the word together."""
        return sha256(f"{self.seed}\n{self.word}".encode()).hexdigest()


class DrawLedger(Protocol):
    """Every draw, with its population."""

    async def announce(self, new: Draw, population: Sequence[Candidate]) -> None:
        """Keep both; the population first, for a draw without one could not be opened."""

    async def of_id(self, draw_id: str) -> Draw | None:
        """One draw."""

    async def population(self, draw_id: str) -> tuple[Candidate, ...]:
        """As it was frozen."""

    async def open(self, opened: Draw) -> bool:
        """Keep word and visits, unless it was opened before; whether it was this call."""

    async def drawn_between(self, after: datetime, until: datetime) -> frozenset[str]:
        """The parties of draws that were opened in between."""

    async def drawn_since(self, day: date) -> Mapping[str, tuple[date, ...]]:
        """On which days of draws each party was drawn."""


async def announce_draw(
    command: AnnounceDraw,
    *,
    facts: AllFacts,
    draws: DrawLedger,
    scorecards: Scorecards,
    plan: SamplingPlan,
    at: datetime,
) -> Draw:
    """Freeze the population and commit to a seed.

    Raises:
        DrawRefusedError: a domain has no scorecard.
    """
    domains = {share.domain for share in command.shares}
    if unknown := sorted(domains - scorecards.published.keys()):
        there = "、".join(sorted(scorecards.published))
        names = "、".join(unknown)
        raise DrawRefusedError(f"{names}: 没有此领域，现有 (no such domain; there are): {there}")
    on = day_of(at)
    longest = max(own.in_months for own in plan.classes.values())
    drawn = await draws.drawn_since(date(on.year - longest // 12 - 1, 1, 1))
    population = [each async for each in _population(facts, scorecards, domains, drawn, plan, on)]
    population.sort(key=lambda each: each.party)
    seed = secrets.token_hex(32)
    new = Draw(
        draw_id=stable_id("draw", commitment_to(seed)),
        title=command.title,
        shares=command.shares,
        by=command.by,
        announced_at=at,
        plan=plan,
        population_digest=digest_of(population),
        parties=len(population),
        seed=seed,
    )
    await draws.announce(new, population)
    return new


async def _population(
    facts: AllFacts,
    scorecards: Scorecards,
    domains: set[str],
    drawn: Mapping[str, tuple[date, ...]],
    plan: SamplingPlan,
    on: date,
) -> AsyncIterator[Candidate]:
    number = 0
    async for known in facts.by_party():
        number += 1
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
        ordered, party = in_order(known), known[0].party
        own = [card for card in scorecards.of_party(ordered) if card.domain in domains]
        if own and (counted := standing(ordered, on)):
            classes = {card.domain: rate(party, ordered, card, on).risk_class for card in own}
            yield candidate(classes, counted, drawn.get(party, ()), plan, on)


async def open_draw(draw_id: str, word: str, *, draws: DrawLedger, at: datetime) -> Draw:
    """Draw by the seed and a word; the same word again is the same draw.

    Raises:
        DrawRefusedError: no such draw, or it was opened with another word.
    """
    known = await _known(draw_id, draws)
    if known.opened_at is None:
        drawn = await draws.drawn_between(known.announced_at, at)
        population = await draws.population(draw_id)
        alone = tuple(each.party for each in population if each.party in drawn)
        waiting = replace(known, word=word, opened_at=at, left_alone=alone)
        opened = replace(waiting, visits=_visits(waiting, population))
        if await draws.open(opened):
            return opened
        known = await _known(draw_id, draws)
    if known.word != word:
        raise DrawRefusedError("已用另一随机词开启，不得重抽 (opened with another word before)")
    return known


async def check_draw(draw_id: str, *, draws: DrawLedger) -> tuple[str, ...]:
    """What does not hold of an opened draw: nothing, if all of it can be drawn again.

    Raises:
        DrawRefusedError: no such draw.
    """
    known, population = await _known(draw_id, draws), await draws.population(draw_id)
    again = _visits(known, population)
    holds = {
        "population": digest_of(population) == known.population_digest,
        "seed": stable_id("draw", known.commitment) == known.draw_id,
        "visits": known.opened_at is None or again == known.visits,
    }
    return tuple(name for name, is_so in holds.items() if not is_so)


def _visits(opened: Draw, population: Sequence[Candidate]) -> tuple[Visit, ...]:
    alone = frozenset(opened.left_alone)
    free = [
        replace(each, closed=frozenset(each.classes)) if each.party in alone else each
        for each in population
    ]
    return draw(free, opened.shares, opened.plan, opened.whole_seed)


async def _known(draw_id: str, draws: DrawLedger) -> Draw:
    known = await draws.of_id(draw_id)
    if known is None:
        raise DrawRefusedError("没有此次抽查 (no such draw)")
    return known
