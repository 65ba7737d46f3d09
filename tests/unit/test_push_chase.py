"""The chase: whom each level is told, and that every level is told once whatever breaks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineEscalated, DeadlineOverdue
from linkage_contracts.feeds import EscalatedEntry
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import PROGRESS
from linkage_runtime.errors import TransientError
from supervision_push.application.clock_ports import Chased
from supervision_push.domain.clocks import Level, next_firing
from tests.unit.clock_fakes import PUSH, FakeClocks, a_running, a_subject, chase
from tests.unit.push_builders import (
    BUREAU,
    MARKET,
    NOON,
    OTHER_OVERSIGHT,
    OVERSIGHT,
)
from tests.unit.push_fakes import FakePublisher

WARNED, OVERDUE, ESCALATED = (
    "linkage.deadline.warned.v1",
    "linkage.deadline.overdue.v1",
    "linkage.deadline.escalated.v1",
)


async def test_the_one_who_owes_is_warned() -> None:
    clock, publisher = a_running(), FakePublisher()
    await chase(FakeClocks.of(a_subject(PUSH, clock)), publisher, clock.warn_at)
    assert publisher.types() == [WARNED]
    assert len(publisher.feed_of(MARKET)) == 1
    assert publisher.feed_of(BUREAU) == publisher.feed_of(OVERSIGHT) == []


async def test_a_breach_is_told_to_the_other_side_too() -> None:
    clock, publisher = a_running(), FakePublisher()
    await chase(FakeClocks.of(a_subject(PUSH, clock)), publisher, clock.due_at)
    told = publisher.on(PROGRESS)[0]
    assert isinstance(told, DeadlineOverdue)
    assert (told.time, told.data.level, told.data.organisation) == (clock.due_at, 2, MARKET)
    for organisation in (MARKET, BUREAU):
        assert [one.type for one in publisher.feed_of(organisation)] == ["linkage.feed.overdue.v1"]


async def test_an_escalation_goes_to_the_oversight_of_that_region() -> None:
    clock, publisher = replace(a_running(), level=Level.OVERDUE), FakePublisher()
    await chase(FakeClocks.of(a_subject(PUSH, clock)), publisher, clock.escalate_at)
    told = publisher.on(PROGRESS)[0]
    assert isinstance(told, DeadlineEscalated)
    assert told.data.escalated_to == OVERSIGHT
    entry = publisher.feed_of(OVERSIGHT)[0]
    assert isinstance(entry, EscalatedEntry)
    assert publisher.feed_of(MARKET)
    assert publisher.feed_of(OTHER_OVERSIGHT) == []


async def test_what_is_late_from_the_start_is_overdue_and_escalated_in_one_go() -> None:
    clock, publisher = a_running(started_at=NOON - timedelta(days=60)), FakePublisher()
    clocks = FakeClocks.of(a_subject(PUSH, clock))
    await chase(clocks, publisher, NOON)
    assert publisher.types() == [OVERDUE, ESCALATED]
    assert next_firing(clocks.subjects[PUSH].clocks) is None


async def test_nothing_is_told_before_its_time() -> None:
    clock, publisher = a_running(), FakePublisher()
    await chase(
        FakeClocks.of(a_subject(PUSH, clock)), publisher, clock.warn_at - timedelta(seconds=1)
    )
    assert publisher.published == []


async def test_one_who_died_before_marking_tells_the_same_ids_again() -> None:
    clock, publisher = a_running(), FakePublisher()
    clocks = FakeClocks({PUSH: a_subject(PUSH, clock)}, deaths=1)
    with pytest.raises(TransientError):
        await chase(clocks, publisher, clock.due_at)
    await chase(clocks, publisher, clock.due_at + timedelta(hours=1))
    ids = [event.id for _, event in publisher.published]
    assert len(ids) == 2 * len(set(ids))
    assert publisher.types() == [OVERDUE]


async def test_a_duty_that_was_done_in_time_never_becomes_late_because_another_is() -> None:
    signed = a_running(Clock.RECEIPT).stopped(NOON + timedelta(hours=1))
    owed, publisher = a_running(Clock.INSPECTION), FakePublisher()
    clocks = FakeClocks.of(a_subject(PUSH, signed, owed))
    await chase(clocks, publisher, owed.due_at)
    assert clocks.clock(PUSH, Clock.RECEIPT) == signed
    assert clocks.clock(PUSH, Clock.INSPECTION).level is Level.OVERDUE


async def test_of_two_timekeepers_only_one_marks() -> None:
    clock, publisher = a_running(), FakePublisher()
    clocks = FakeClocks.of(a_subject(PUSH, clock))
    same = await clocks.due(clock.due_at, 10)
    told = [Chased(subject=one, clocks=(clock.told(clock.due_at),)) for one in same]
    await clocks.mark(told)
    await clocks.mark(told)
    assert clocks.marked == [PUSH]
    await chase(clocks, publisher, clock.due_at)
    assert publisher.published == []


@settings(deadline=None, max_examples=50)
@given(
    starts=st.lists(st.integers(-40, 5), min_size=1, max_size=6),
    looks=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["works", "no kafka", "dies"])), max_size=10
    ),
)
async def test_every_level_is_told_exactly_once_whatever_breaks(
    starts: list[int], looks: list[tuple[int, str]]
) -> None:
    kinds = (Clock.RECEIPT, Clock.ENROLMENT)
    began = {
        stable_id("push", str(number)): tuple(
            a_running(kind, NOON + timedelta(days=start)) for kind in kinds
        )
        for number, start in enumerate(starts)
    }
    clocks, publisher = (
        FakeClocks.of(*(a_subject(key, *own) for key, own in began.items())),
        FakePublisher(),
    )
    for day, fate in sorted(looks):
        publisher.failures = int(fate == "no kafka")
        clocks.deaths = int(fate == "dies")
        try:
            await chase(clocks, publisher, NOON + timedelta(days=day))
        except TransientError:
            continue
    publisher.failures = clocks.deaths = 0
    end = NOON + timedelta(days=60)
    await chase(clocks, publisher, end)
    told = [
        (event.data.push_id, event.data.clock, event.data.level)  # type: ignore[attr-defined]
        for event in publisher.on(PROGRESS)
    ]
    assert len(told) == len(set(told))
    for level in (Level.OVERDUE, Level.ESCALATED):
        expected = {(key, clock.clock, int(level)) for key, own in began.items() for clock in own}
        assert {one for one in told if one[2] == level} == expected
    assert all(next_firing(one.clocks) is None for one in clocks.subjects.values())
