"""From when to when each fact counts: ``standing`` over all days at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from credit.domain.facts import ELIGIBILITY_KINDS, Fact, in_order
from credit.domain.standing import as_corrected, counting, ended_on, revoked_in


@dataclass(frozen=True, slots=True)
class Span:
    """A fact and days on which it counts; one that was suspended, or counts again, has several."""

    fact: Fact
    start: date
    end: date | None
    """The first day on which it no longer counts."""


def spans_of(facts: Iterable[Fact]) -> tuple[Span, ...]:
    """Every span of every fact that ever counts.

    Nearly all facts count from their day until they are repaired. Breaches, lists, what acts on
    them, and facts whose repair was revoked are few: for these ``counting`` is asked on each day on
    which one of them may turn.
    """
    right = as_corrected(facts)
    ended, again = ended_on(right), revoked_in(right)
    turning = [fact for fact in right if fact.kind in ELIGIBILITY_KINDS or fact.fact_id in again]
    plain = [
        Span(fact, fact.occurred_on, end)
        for fact in right
        if fact.kind not in ELIGIBILITY_KINDS
        and fact.fact_id not in again
        and ((end := ended.get(fact.fact_id)) is None or end > fact.occurred_on)
    ]
    return (*plain, *_turned(turning))


def _turned(turning: list[Fact]) -> Iterator[Span]:
    days = {fact.occurred_on for fact in turning}
    days |= {fact.entry.until for fact in turning if fact.entry}
    begun: dict[str, Span] = {}
    for day in sorted(days):
        counted = {fact.fact_id: fact for fact in counting(turning, day)}
        for gone in begun.keys() - counted.keys():
            yield Span(begun[gone].fact, begun.pop(gone).start, day)
        begun |= {id_: Span(counted[id_], day, None) for id_ in counted.keys() - begun.keys()}
    yield from begun.values()


def count_on(spans: Iterable[Span], on: date) -> tuple[Fact, ...]:
    """The facts that count on a day, in order."""
    return in_order(
        span.fact for span in spans if span.start <= on and (span.end is None or on < span.end)
    )
