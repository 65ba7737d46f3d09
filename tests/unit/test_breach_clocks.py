"""The clocks on a breach (违诺): hearing, verdict, what follows, mending; and who is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import permutations
from typing import Any

import pytest

from linkage_contracts import breaches as b
from linkage_contracts.codes import ActionOutcome, BreachSanction, Clock
from linkage_contracts.envelope import Event
from linkage_contracts.facts import FactWithdrawn
from linkage_contracts.feeds import BreachMovedEntry
from linkage_contracts.objections import ObjectionDecided
from linkage_contracts.repairs import FactsRepaired
from linkage_contracts.results import CommitmentBroken
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.asked import Answered, Asked, Closed, Step
from supervision_push.application.watch_breaches import watch_breaches
from tests.unit.approval_builders import BUREAU, SUPERVISOR
from tests.unit.approval_loops import found, result_received, result_returned
from tests.unit.breach_desk import (
    BREACH,
    REPAIR,
    REPAIRED,
    REVOKED,
    UPHELD,
    changed,
    reported,
    returned,
    stepped,
    suspected,
)
from tests.unit.push_builders import a_schedule
from tests.unit.results_office import Office

SCHEDULE = a_schedule()
REFERRED_TO = "11450721XN0721127R"


@dataclass
class FakeRounds:
    """Steps in memory."""

    steps: list[Step] = field(default_factory=list)
    calls: int = 0

    async def note(self, steps: Sequence[Step]) -> None:
        """See the port."""
        self.calls += 1
        self.steps += steps


async def steps_of(*events: Event) -> list[Step]:
    clocks = FakeRounds()
    await watch_breaches(events, breaches=clocks, schedule=SCHEDULE)
    return clocks.steps


async def test_a_suspicion_asks_the_bureau_to_hear_the_party_and_tells_who_raised_it() -> None:
    (asked,) = await steps_of(suspected())
    assert isinstance(asked, Asked)
    assert (asked.subject_id, asked.round) == (BREACH, 0)
    assert (asked.authority, asked.counterpart) == (BUREAU, SUPERVISOR)
    assert (asked.clock.clock, asked.clock.working_days) == (Clock.BREACH_HEARING, 15)


async def test_a_suspicion_about_no_licence_asks_nobody() -> None:
    broken = suspected()
    assert isinstance(broken, CommitmentBroken)
    about_party = broken.data.model_copy(update={"decision_id": None, "authority": None})
    assert await steps_of(broken.model_copy(update={"data": about_party})) == []


async def test_what_was_heard_asks_for_a_verdict_and_what_was_warned_for_its_mending() -> None:
    heard, asked = await steps_of(stepped(b.BreachHeard))
    assert (isinstance(heard, Answered), heard.subject_id) == (True, BREACH)
    assert isinstance(asked, Asked)
    assert (asked.round, asked.clock.clock) == (1, Clock.BREACH_FINDING)
    assert asked.clock.working_days == 10
    *handled, warned = await steps_of(stepped(b.BreachWarned))
    assert [step.round for step in handled if isinstance(step, Answered)] == [0, 1, 2]
    assert isinstance(warned, Asked)
    assert (warned.round, warned.clock.clock) == (3, Clock.BREACH_MENDING)
    assert warned.clock.due_on == date(2026, 12, 10)


@pytest.mark.parametrize(
    "verdict", [stepped(b.BreachFound), reported(ActionOutcome.BREACH_CONFIRMED)]
)
async def test_a_finding_ends_hearing_and_verdict_and_asks_what_comes_of_it(
    verdict: Event,
) -> None:
    steps = await steps_of(verdict)
    assert [(step.round, type(step)) for step in steps if not isinstance(step, Closed)] == [
        *((0, Answered), (1, Answered), (2, Asked)),
    ]
    asked = steps[-1]
    assert isinstance(asked, Asked)
    assert (asked.subject_id, asked.clock.clock) == (BREACH, Clock.BREACH_HANDLING)
    assert asked.clock.working_days == 10


@pytest.mark.parametrize(
    "end",
    [
        *(stepped(step) for step in (b.BreachDismissed, b.BreachMended, b.BreachSanctioned)),
        *(reported(ActionOutcome.BREACH_NOT_CONFIRMED), returned()),
    ],
)
async def test_what_ends_a_breach_closes_every_clock(end: Event) -> None:
    assert await steps_of(end) == [Closed(subject_id=BREACH, at=end.time)]


async def test_other_results_and_acts_cost_the_store_nothing() -> None:
    clocks = FakeRounds()
    others = [found(), result_received(), result_returned(), stepped(b.BreachNotified)]
    others.append(reported(ActionOutcome.RESTRICTED))
    await watch_breaches(others, breaches=clocks, schedule=SCHEDULE)
    assert clocks.calls == 0


@pytest.mark.parametrize("step", b.BreachEvent.__args__)
async def test_every_step_is_told_to_the_supervisor_who_raised_the_breach(
    step: type[b.BreachEvent],
) -> None:
    office = Office()
    event = stepped(step)
    await office.actions_in(event)
    (entry,) = office.log.on(FEEDS)
    assert isinstance(entry, BreachMovedEntry)
    assert (entry.partitionkey, entry.data.step) == (SUPERVISOR, event)
    clock = entry.data.clock
    expected = {
        b.BreachHeard: Clock.BREACH_FINDING,
        b.BreachFound: Clock.BREACH_HANDLING,
        b.BreachWarned: Clock.BREACH_MENDING,
    }
    assert (clock.clock if clock else None) == expected.get(step)
    assert office.log.on(PROGRESS) == []


async def test_a_referral_is_told_to_whom_it_was_referred() -> None:
    office = Office()
    sanction: dict[str, Any] = {
        "kind": BreachSanction.PENALTY_REFERRAL,
        "referred_to": REFERRED_TO,
    }
    await office.actions_in(stepped(b.BreachSanctioned, **sanction))
    assert [entry.partitionkey for entry in office.log.on(FEEDS)] == [SUPERVISOR, REFERRED_TO]


async def test_rounds_of_one_breach_never_repeat() -> None:
    told = [suspected(), stepped(b.BreachHeard), stepped(b.BreachWarned)]
    for order in permutations(told):
        steps = await steps_of(*order)
        rounds = [step.round for step in steps if isinstance(step, Asked)]
        assert sorted(rounds) == [0, 1, 3]


@pytest.mark.parametrize(
    "ended", [REPAIRED, UPHELD, changed(FactWithdrawn, "breach_found", "withdrawn")]
)
async def test_what_was_repaired_or_overturned_owes_no_further_step(ended: Event) -> None:
    assert await steps_of(ended) == [Closed(subject_id=BREACH, at=ended.time)]


@pytest.mark.parametrize(
    "other",
    [
        changed(ObjectionDecided, "breach_confirmed", "rejected", is_upheld=False),
        changed(FactsRepaired, "inspection_fails", "another fact", **REPAIR),
        REVOKED,
    ],
)
async def test_what_leaves_a_breach_as_it_is_stops_no_clock(other: Event) -> None:
    assert await steps_of(other) == []
