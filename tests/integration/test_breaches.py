"""Breaches in both stores on the embedded database: any order of arrival, and races of steps."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from approval_events.adapters.mongo_breaches import MongoBreaches
from approval_events.adapters.mongo_commitments import MongoCommitments
from approval_events.application.advance_breaches import AdvanceBreach, advance_breach
from approval_events.application.breach_ports import BreachAdmission, BreachQuery
from approval_events.application.commitment_ports import CommitmentQuery
from approval_events.domain.breach_ladder import OPEN, BreachState
from approval_events.domain.commitment import CommitmentState
from approval_events.domain.readings import facts_of
from linkage_contracts import breaches as b
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.envelope import Event
from linkage_contracts.objections import ObjectionRaised
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.deadlines.mongo_referrals import MongoReferrals
from supervision_push.adapters.deadlines.mongo_rounds import (
    MongoRounds,
    breach_subject,
    case_subject,
)
from supervision_push.application.watch_breaches import watch_breaches
from supervision_push.application.watch_cases import watch_cases
from tests.integration.test_outbox import Log
from tests.unit.approval_builders import BUREAU, OTHER_BUREAU, PARTY_CODE, SUPERVISOR
from tests.unit.approval_fakes import FakeMeasurements
from tests.unit.approval_loops import DECISION, at, decided, result_received
from tests.unit.breach_desk import (
    BREACH,
    BUREAU_ACTOR,
    REPAIRED,
    UPHELD,
    WINDOW,
    all_facts_of,
    changed,
    reported,
    said,
    stepped,
    suspected,
)
from tests.unit.clock_fakes import chase
from tests.unit.commitments_desk import checked, committed
from tests.unit.push_builders import a_schedule
from tests.unit.push_fakes import FakePublisher

SCHEDULE = a_schedule()
MONTHS_LATER = at(0) + timedelta(days=90)


@pytest.fixture
async def breaches(store: Database) -> MongoBreaches:
    return await made(store, "breaches")


async def made(store: Database, name: str) -> MongoBreaches:
    breaches = MongoBreaches(store[name], Outbox(store[name], Log()))
    await breaches.create_indexes()
    return breaches


async def listed(breaches: MongoBreaches, *organisations: str, **more: Any) -> list[str]:
    query = BreachQuery(
        organisations=frozenset(organisations) if organisations else None,
        **{"states": list(BreachState), "party": None, "after": "", "limit": 9, **more},
    )
    return [one.breach_id for one in await breaches.page(query)]


async def test_every_step_is_published_and_the_breach_is_found_by_all_concerned(
    breaches: MongoBreaches, store: Database
) -> None:
    await breaches.note(facts_of([suspected()]))
    steps: list[type[b.BreachEvent]] = [b.BreachNotified, b.BreachHeard, b.BreachFound]
    for minutes, step in enumerate(steps, start=60):
        command = AdvanceBreach(
            breach_id=BREACH, step=step, said=said(step), actor=BUREAU_ACTOR, at=at(minutes)
        )
        for _ in range(2):
            acts = await advance_breach(command, breaches=breaches, measurements=FakeMeasurements())
            assert acts.done == [BREACH]
    assert (await breaches.find([BREACH]))[BREACH].state is BreachState.FOUND
    assert await store["breaches"].find({"unpublished": True}).to_list(None) == []
    for organisation in (BUREAU, SUPERVISOR):
        assert await listed(breaches, organisation) == [BREACH]
    assert await listed(breaches, OTHER_BUREAU) == []
    assert await listed(breaches, party=PARTY_CODE, states=OPEN) == [BREACH]
    assert await listed(breaches, party=OTHER_BUREAU) == []
    assert await listed(breaches, states=[BreachState.HEARD]) == []


async def test_facts_come_to_the_same_in_every_order(store: Database) -> None:
    told = [
        suspected(),
        stepped(b.BreachHeard, 41),
        reported(ActionOutcome.BREACH_CONFIRMED, 42),
        stepped(b.BreachWarned, 43),
    ]
    for number, order in enumerate(permutations(told)):
        breaches = await made(store, f"breaches_{number}")
        for event in (*order, *order):
            await breaches.note(facts_of([event]))
        assert (await breaches.find([BREACH]))[BREACH].state is BreachState.WARNED
        assert await listed(breaches, states=[BreachState.WARNED]) == [BREACH]
        assert await listed(breaches, SUPERVISOR, party=PARTY_CODE) == [BREACH]


async def test_of_two_steps_that_saw_the_same_one_is_written(store: Database) -> None:
    rivals = [stepped(b.BreachNotified), stepped(b.BreachDismissed)]
    for number, order in enumerate(permutations(rivals)):
        breaches = await made(store, f"breaches_{number}")
        await breaches.note(facts_of([suspected()]))
        seen = (await breaches.find([BREACH]))[BREACH]
        admissions = [BreachAdmission(breach=seen, event=event) for event in order]
        assert [await breaches.admit([one]) for one in admissions] == [1, 0]
        # And what the log tells in between is a step too.
        again = BreachAdmission(breach=seen, event=stepped(b.BreachHeard))
        assert await breaches.admit([again]) == 0


class Watch:
    """The clocks of breaches in the other service's store."""

    def __init__(self, store: Database) -> None:
        self.collection = store["clocks"]
        self.publisher = FakePublisher()

    async def see(self, *events: Event) -> None:
        rounds = MongoRounds(self.collection)
        await watch_breaches(events, breaches=rounds, schedule=SCHEDULE)

    async def chase(self, moment: datetime) -> list[tuple[str, str]]:
        """What a chase at this moment tells of the breach, once for each who is told."""
        before = len(self.publisher.published)
        held: Any = self.publisher
        clocks = MongoClocks(self.collection, breach_subject, Outbox(self.collection, held))
        await chase(clocks, self.publisher, moment, schedule=SCHEDULE)
        new: list[Any] = [event for _, event in self.publisher.published[before:]]
        assert {event.data.breach_id for event in new} <= {BREACH}
        return [
            (event.type.split(".")[2], event.partitionkey)
            for event in new
            if event.type.startswith("linkage.feed.")
        ]


async def test_a_suspicion_that_nobody_hears_is_told_to_its_supervisor_too(
    store: Database,
) -> None:
    watch = Watch(store)
    await watch.see(suspected())
    told = await watch.chase(MONTHS_LATER)
    assert ("overdue", SUPERVISOR) in told
    assert ("overdue", BUREAU) in told
    assert [what for what, _ in told].count("escalated") >= 1
    await watch.see(suspected())
    assert await watch.chase(MONTHS_LATER) == []


@pytest.mark.parametrize(
    ("told", "late"),
    [
        ([suspected(), stepped(b.BreachHeard)], True),
        # Found, it is to be warned of or sanctioned; dismissed, it may be found after all.
        ([suspected(), stepped(b.BreachHeard), stepped(b.BreachFound, 41)], True),
        ([suspected(), reported(ActionOutcome.BREACH_CONFIRMED)], True),
        ([suspected(), stepped(b.BreachFound), stepped(b.BreachSanctioned, 41)], False),
        ([suspected(), stepped(b.BreachDismissed)], False),
        ([suspected(), stepped(b.BreachDismissed, 40), stepped(b.BreachFound, 41)], True),
        ([stepped(b.BreachDismissed, 40), suspected(), stepped(b.BreachWarned, 42)], True),
        ([suspected(), stepped(b.BreachWarned, 41), REPAIRED], False),
        ([suspected(), stepped(b.BreachFound, 41), UPHELD], False),
        ([suspected(), stepped(b.BreachFound), stepped(b.BreachWarned, 41)], True),
        ([stepped(b.BreachWarned, 41), stepped(b.BreachMended, 42), suspected()], False),
    ],
)
async def test_the_clock_is_what_all_steps_say_in_whatever_order_they_come(
    store: Database, told: list[Event], *, late: bool
) -> None:
    for order in permutations(told):
        await store["clocks"].delete_many({})
        watch = Watch(store)
        for event in (*order, *order):
            await watch.see(event)
        came = await watch.chase(MONTHS_LATER)
        assert bool(came) is late, order
        assert len(came) == len(set(came))


async def test_a_repair_that_comes_between_a_look_and_a_step_wins(
    breaches: MongoBreaches,
) -> None:
    await breaches.note(all_facts_of([suspected(), stepped(b.BreachFound)]))
    looked = (await breaches.find([BREACH]))[BREACH]
    await breaches.note(all_facts_of([REPAIRED]))
    sanction = BreachAdmission(breach=looked, event=stepped(b.BreachSanctioned, 50))
    assert await breaches.admit([sanction]) == 0
    assert (await breaches.find([BREACH]))[BREACH].state is BreachState.REPAIRED


async def test_a_rebuild_tells_of_no_deadline_that_ended_long_before(store: Database) -> None:
    rebuilt = MongoRounds(store["clocks"], told_until=MONTHS_LATER)
    await watch_breaches([suspected()], breaches=rebuilt, schedule=SCHEDULE)
    watch = Watch(store)
    assert await watch.chase(MONTHS_LATER) == []
    # What begins afterwards is told as ever.
    await watch.see(stepped(b.BreachHeard))
    assert await watch.chase(MONTHS_LATER)


async def test_to_whom_a_breach_was_referred_is_known_whatever_comes_first(
    store: Database,
) -> None:
    sanction: dict[str, Any] = {"kind": "penalty_referral", "referred_to": OTHER_BUREAU}
    told = [suspected(), stepped(b.BreachFound), stepped(b.BreachSanctioned, 41, **sanction)]
    for order in permutations(told):
        await store["clocks"].delete_many({})
        watch = Watch(store)
        for event in (*order, *order):
            await watch.see(event)
        known = await MongoReferrals(store["clocks"]).of_breaches([BREACH, DECISION])
        assert known == {BREACH: (OTHER_BUREAU,)}


async def test_a_case_that_nobody_decides_is_chased_and_its_window_is_told(
    store: Database,
) -> None:
    cases, held = store["cases"], FakePublisher()
    raised = changed(ObjectionRaised, "penalty_imposed", "raised", by=WINDOW)

    async def told_of(*events: Event) -> set[tuple[str, str]]:
        before = len(held.published)
        await watch_cases(events, cases=MongoRounds(cases), schedule=SCHEDULE)
        outbox: Any = held
        clocks = MongoClocks(cases, case_subject, Outbox(cases, outbox))
        await chase(clocks, held, MONTHS_LATER, schedule=SCHEDULE)
        new = [event for _, event in held.published[before:]]
        return {(e.type.split(".")[2], e.partitionkey) for e in new if ".feed." in e.type}

    told = await told_of(raised, raised)
    assert {("overdue", BUREAU), ("overdue", WINDOW), ("escalated", BUREAU)} <= told
    for order in permutations([raised, UPHELD]):
        await cases.delete_many({})
        assert await told_of(*order) == set()


async def test_a_commitment_is_listed_by_where_it_stands_whatever_comes_first(
    store: Database,
) -> None:
    told = [committed(), checked("kept"), suspected(), stepped(b.BreachFound)]
    for number, order in enumerate(permutations(told)):
        commitments = MongoCommitments(store[f"commitments_{number}"])
        await commitments.create_indexes()
        for event in (*order, *order, decided("without a promise"), result_received()):
            await commitments.note(facts_of([event]))
        query = CommitmentQuery(
            authorities=frozenset({BUREAU}), state=None, party=PARTY_CODE, after="", limit=9
        )
        (listed,) = await commitments.page(replace(query, state=CommitmentState.BROKEN))
        assert listed.decision_id == DECISION
        assert await commitments.page(replace(query, state=CommitmentState.FULFILLED)) == []
        assert await commitments.page(replace(query, party=OTHER_BUREAU)) == []
