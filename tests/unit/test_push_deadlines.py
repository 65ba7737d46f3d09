"""Moving deadlines as a use case: who may, whom it is told, and that it happens exactly once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import PROGRESS
from linkage_runtime.errors import TransientError
from linkage_runtime.working_days import WorkCalendar
from supervision_push.application.act_on_pushes import Actor, Outcome, Refusal
from supervision_push.application.clock_ports import Chased, Moved
from supervision_push.application.move_deadlines import MoveDeadlines, move_deadlines
from supervision_push.application.settle_deadlines import recompute_deadlines, resume_deadlines
from supervision_push.domain.clocks import Level
from supervision_push.domain.moves import Limits
from supervision_push.domain.terms import Schedule, start_clock
from tests.unit.clock_fakes import PUSH, FakeClocks, a_running, a_subject, chase
from tests.unit.push_builders import (
    BUREAU,
    FIRE,
    MARKET,
    NOON,
    OTHER_OVERSIGHT,
    OVERSIGHT,
    a_catalogue,
    a_schedule,
    default_terms,
)
from tests.unit.push_fakes import FakeCatalogues, FakePublisher

LIMITS = Limits(pauses=1, pause_working_days=10, extensions=1, extension_working_days=10)
CHANGED = "linkage.feed.deadline-changed.v1"


async def move(
    clocks: FakeClocks,
    cause: DeadlineCause,
    days: int = 0,
    *,
    by: str = MARKET,
    keys: Sequence[str] = (PUSH,),
    at: datetime = NOON,
    clock: Clock = Clock.RECEIPT,
) -> Outcome:
    return await move_deadlines(
        MoveDeadlines(
            keys=keys, clock=clock, cause=cause, working_days=days, by="c", reason="待检测报告"
        ),
        actor=Actor(organisation=by, at=at),
        clocks=clocks,
        catalogues=FakeCatalogues(a_catalogue()),
        schedule=a_schedule(),
        limits=LIMITS,
    )


async def test_an_extension_is_told_to_both_sides_and_on_the_log() -> None:
    clocks = FakeClocks.of(a_subject(PUSH, a_running()))
    outcome = await move(clocks, DeadlineCause.EXTENDED, 5)
    assert outcome.done == (PUSH,)
    told: Any = clocks.publisher.on(PROGRESS)[0]
    assert told.type == "linkage.deadline.changed.v1"
    assert (told.data.was_due_on, told.data.due_on) == (date(2026, 11, 25), date(2026, 12, 2))
    assert (told.data.actor, told.data.reason) == (MARKET, "待检测报告")
    for organisation in (MARKET, BUREAU):
        assert [one.type for one in clocks.publisher.feed_of(organisation)] == [CHANGED]


async def test_the_first_move_of_a_findings_second_round_is_no_repeat_of_its_first_rounds() -> None:
    publisher = FakePublisher()
    for start in (NOON, NOON + timedelta(days=1)):
        clock = a_running(Clock.FINDING_ANSWER, start)
        clocks = FakeClocks.of(a_subject(PUSH, clock), publisher=publisher)
        await move(clocks, DeadlineCause.EXTENDED, 3, clock=Clock.FINDING_ANSWER)
    assert len({event.id for event in publisher.on(PROGRESS)}) == 2


async def test_while_it_stands_still_nothing_fires_and_afterwards_all_does() -> None:
    clocks = FakeClocks.of(a_subject(PUSH, a_running()))
    await move(clocks, DeadlineCause.PAUSED, 5)
    pause: Any = clocks.publisher.on(PROGRESS)[0]
    assert pause.data.resumes_by == date(2026, 11, 30)
    await chase(clocks, clocks.publisher, NOON + timedelta(days=60))
    assert clocks.publisher.types() == ["linkage.deadline.changed.v1"]
    at = NOON + timedelta(days=60)
    assert await resume_deadlines(at, 10, clocks=clocks, schedule=a_schedule()) == 1
    assert await resume_deadlines(at, 10, clocks=clocks, schedule=a_schedule()) == 0
    await chase(clocks, clocks.publisher, at)
    assert clocks.clock(PUSH).level is Level.ESCALATED


@pytest.mark.parametrize(
    ("who", "may"), [(MARKET, True), (OVERSIGHT, True), (FIRE, False), (OTHER_OVERSIGHT, False)]
)
async def test_only_who_owes_and_its_oversight_may(who: str, *, may: bool) -> None:
    clocks = FakeClocks.of(a_subject(PUSH, a_running()))
    outcome = await move(clocks, DeadlineCause.EXTENDED, 5, by=who)
    assert bool(outcome.done) is may
    assert [one.why for one in outcome.refused] == ([] if may else [Refusal.FOREIGN])


async def test_one_refusal_costs_the_others_nothing() -> None:
    done, stopped = stable_id("push", "2"), stable_id("push", "3")
    clocks = FakeClocks.of(
        a_subject(PUSH, a_running()),
        a_subject(done, a_running(Clock.INSPECTION)),
        a_subject(stopped, a_running().stopped(NOON)),
    )
    keys = [PUSH, done, stopped, "unknown"]
    outcome = await move(clocks, DeadlineCause.EXTENDED, 5, keys=keys)
    assert outcome.done == (PUSH,)
    assert {one.id: one.why for one in outcome.refused} == {
        done: Refusal.OUT_OF_ORDER,
        stopped: Refusal.OUT_OF_ORDER,
        "unknown": Refusal.UNKNOWN,
    }


async def test_who_lost_the_race_looks_again() -> None:
    clocks = RacingClocks.of(a_subject(PUSH, a_running()))
    outcome = await move(clocks, DeadlineCause.EXTENDED, 5)
    assert outcome.done == (PUSH,)
    assert (clocks.raced, len(clocks.clock(PUSH).moves)) == (True, 1)
    assert len(clocks.publisher.on(PROGRESS)) == 1


@dataclass
class RacingClocks(FakeClocks):
    """A chase is faster, once."""

    raced: bool = False

    async def save(self, moved: Sequence[Moved]) -> int:
        if not self.raced:
            self.raced = True
            subject = self.subjects[PUSH]
            warned = replace(subject.clocks[0], level=Level.WARNED, warn_at=NOON)
            await self.mark([Chased(subject=subject, clocks=(warned,))])
        return await super().save(moved)


async def test_an_extension_in_the_middle_of_a_chase_is_chased_by_its_new_day() -> None:
    clocks = FakeClocks.of(a_subject(PUSH, a_running()))
    at = a_running().due_at
    due = await clocks.due(at, 10)
    await move(clocks, DeadlineCause.EXTENDED, 5, at=at - timedelta(seconds=1))
    await clocks.mark(
        [Chased(subject=one, clocks=tuple(clock.told(at) for clock in one.clocks)) for one in due]
    )
    assert clocks.clock(PUSH).level is Level.QUIET
    await chase(clocks, clocks.publisher, clocks.clock(PUSH).escalate_at)
    assert clocks.clock(PUSH).level is Level.ESCALATED


def by_calendar(*years: int) -> Schedule:
    """New Year's Day 2027 is a holiday by a notice that is loaded, or not."""
    known = 2027 in years
    calendar = WorkCalendar(
        years=frozenset(years),
        holidays=frozenset({date(2027, 1, 1)} if known else ()),
        makeup_workdays=frozenset(),
    )
    return Schedule(terms=default_terms(), calendar=calendar)


NEW_YEARS_EVE = datetime(2026, 12, 31, 4, 0, tzinfo=UTC)


async def recompute(clocks: FakeClocks, limit: int, *years: int) -> int:
    schedule = by_calendar(*years)
    return await recompute_deadlines(NEW_YEARS_EVE, limit, clocks=clocks, schedule=schedule)


TERMED = st.sampled_from(list(default_terms().working_days))


@settings(deadline=None, max_examples=40)
@given(
    kinds=st.lists(st.lists(TERMED, max_size=2, unique=True), max_size=7),
    limit=st.integers(1, 4),
    crashes=st.sets(st.integers(0, 10)),
)
async def test_every_provisional_deadline_is_computed_again_exactly_once_whatever_breaks(
    kinds: list[list[Clock]], limit: int, crashes: Collection[int]
) -> None:
    publisher, schedule = FakePublisher(), by_calendar(2026)
    clocks = FakeClocks.of(
        *(
            a_subject(
                stable_id("push", str(number)),
                *(start_clock(k, started_at=NEW_YEARS_EVE, schedule=schedule) for k in own),
            )
            for number, own in enumerate(kinds)
        ),
        publisher=publisher,
    )
    assert await recompute(clocks, limit, 2026) == 0
    for attempt in range(30):
        publisher.failures = int(attempt in crashes)
        try:
            if await recompute(clocks, limit, 2026, 2027) == 0:
                break
        except TransientError:
            continue
    publisher.failures = 0
    await clocks.sweep()
    told: list[Any] = publisher.on(PROGRESS)
    expected = {
        (stable_id("push", str(number)), kind) for number, own in enumerate(kinds) for kind in own
    }
    assert len(told) == len(expected)
    assert {(one.data.push_id, one.data.clock) for one in told} == expected
    assert all(not one.data.provisional for one in told)
    assert all(one.data.due_on > one.data.was_due_on for one in told)
    assert len(publisher.feed_of(MARKET)) == len(expected)
    assert await recompute(clocks, limit, 2026, 2027) == 0
