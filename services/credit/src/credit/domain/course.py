"""How a party's points and class run through the days, by what is known today; all in one pass."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from credit.domain.criteria import Criterion, HardRule
from credit.domain.facts import Fact
from credit.domain.rating import Lines, concerning
from credit.domain.scorecard import Scorecard
from credit.domain.spans import Span
from linkage_contracts.codes import RiskClass


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a party stands at from a day on."""

    on: date
    points: int
    risk_class: RiskClass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassTurn:
    """A day on which the class became another."""

    on: date
    previous_class: RiskClass
    risk_class: RiskClass
    points: int


def course_of(spans: Iterable[Span], known: Sequence[Fact], card: Scorecard) -> tuple[Turn, ...]:
    """Every day on which something turns, in order; ``rate`` says the same of each day."""
    lines = Lines.of(card, known)
    both: tuple[Criterion | HardRule, ...] = (*lines.criteria, *lines.hard_rules)
    business = {fact.fact_id for fact in concerning(known, known, card)}
    shifts: defaultdict[date, list[tuple[int, int]]] = defaultdict(list)
    for span in spans:
        if span.fact.fact_id in business:
            for number, line in enumerate(both):
                if line.fits(span.fact, lines.grades):
                    for day, shift in _shifts(span, line):
                        shifts[day].append((number, shift))
    return tuple(_run(shifts, both, card))


def class_turns(course: Iterable[Turn], card: Scorecard) -> tuple[ClassTurn, ...]:
    """The days on which the class changed, from that of a party of whom nothing is known."""
    before, turns = card.band_of(0), []
    for turn in course:
        if turn.risk_class is not before:
            turns.append(
                ClassTurn(
                    on=turn.on,
                    previous_class=before,
                    risk_class=turn.risk_class,
                    points=turn.points,
                )
            )
        before = turn.risk_class
    return tuple(turns)


def _shifts(span: Span, line: Criterion | HardRule) -> Iterator[tuple[date, int]]:
    """How much the line's sum moves on which day: by points, or of a hard rule by the fact."""
    worth = [day for day in line.worth_from(span.fact) if span.end is None or day[0] < span.end]
    so_far = 0
    for day, points in worth:
        if points != so_far:
            yield max(day, span.start), points - so_far
            so_far = points
    if so_far and span.end is not None:
        yield span.end, -so_far


def _run(
    shifts: Mapping[date, Iterable[tuple[int, int]]],
    lines: Sequence[Criterion | HardRule],
    card: Scorecard,
) -> Iterator[Turn]:
    sums, points = [0] * len(lines), 0
    rules = [(number, line) for number, line in enumerate(lines) if isinstance(line, HardRule)]
    for day in sorted(shifts):
        for number, shift in shifts[day]:
            before, sums[number] = sums[number], sums[number] + shift
            points += _capped(lines[number], sums[number]) - _capped(lines[number], before)
        classes = [rule.at_least for number, rule in rules if sums[number]]
        yield Turn(on=day, points=points, risk_class=max([card.band_of(points), *classes]))


def _capped(line: Criterion | HardRule, total: int) -> int:
    if isinstance(line, HardRule):
        return 0
    return total if abs(total) < abs(line.cap) else line.cap


def changed_days(courses: Mapping[str, Iterable[Turn]], spans: Iterable[Span]) -> list[date]:
    """All days on which any of it turns, those of ``spans`` among them."""
    days = {turn.on for course in courses.values() for turn in course}
    days |= {day for span in spans for day in (span.start, span.end) if day}
    return sorted(days)
