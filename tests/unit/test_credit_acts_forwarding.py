"""Acts on credit facts reach feeds: cases who decides them, changes whoever knew the facts."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from linkage_contracts.breaches import BreachSanctioned
from linkage_contracts.codes import BreachSanction, Clock, FactChange
from linkage_contracts.credit_acts import ChangeTold
from linkage_contracts.envelope import Event
from linkage_contracts.facts import FactWithdrawn
from linkage_contracts.feeds import CaseMovedEntry, FactsChangedEntry
from linkage_contracts.ids import case_id, entry_id, stable_id
from linkage_contracts.objections import ObjectionDecided, ObjectionRaised
from linkage_contracts.repairs import FactsRepaired, RepairApplied
from linkage_contracts.topics import CREDIT_ACTS, FEEDS
from supervision_push.application.asked import Asked, Closed, Step
from supervision_push.application.forward_credit_acts import forward_credit_acts
from supervision_push.application.watch_breaches import watch_breaches
from supervision_push.application.watch_cases import watch_cases
from tests.unit.approval_builders import BUREAU, SUPERVISOR
from tests.unit.approval_loops import PARTY, envelope
from tests.unit.breach_desk import (
    BREACH,
    REPAIR,
    REPAIRED,
    REVOKED,
    UPHELD,
    WINDOW,
    changed,
    stepped,
)
from tests.unit.push_builders import a_schedule
from tests.unit.results_fakes import NOON, Log
from tests.unit.test_breach_clocks import FakeRounds

SCHEDULE = a_schedule()
APPLICATION = REPAIR["application_id"]
REFERRED_TO = "11450721XN0721135L"


def applied(*authorities: str) -> Event:
    """One form for these authorities, handed in at a window."""
    term = {
        "seriousness": "minor",
        "repairable_from": "2026-11-22",
        "published_until": "2027-02-22",
    }
    terms = [term | {"fact": stable_id("fact", one), "authority": one} for one in authorities]
    data = {"party": PARTY.key, "by": WINDOW, "on": "2026-11-24", "ground": "x", "terms": terms}
    data |= {"application_id": APPLICATION, "commitment": "承诺守法", "materials": []}
    return RepairApplied.model_validate({**envelope("applied", 50), "data": data})


class Referred:
    """`Referrals` of one breach."""

    async def of_breaches(self, breach_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        return {BREACH: (REFERRED_TO,)} if BREACH in breach_ids else {}


async def forwarded(*events: Event) -> Log:
    log = Log()
    await forward_credit_acts(
        events, referrals=Referred(), publish=log, schedule=SCHEDULE, clock=lambda: NOON
    )
    return log


async def steps_of(*events: Event) -> list[Step]:
    clocks = FakeRounds()
    await watch_cases(events, cases=clocks, schedule=SCHEDULE)
    return clocks.steps


async def test_every_authority_concerned_gets_the_form_with_its_own_case_and_clock() -> None:
    log = await forwarded(applied(BUREAU, SUPERVISOR))
    entries = log.on(FEEDS)
    assert [entry.partitionkey for entry in entries] == [BUREAU, SUPERVISOR]
    for entry in entries:
        assert isinstance(entry, CaseMovedEntry)
        assert entry.data.case_id == case_id(APPLICATION, entry.partitionkey)
        assert entry.data.clock
        assert entry.data.clock.clock is Clock.REPAIR_DECISION
        assert entry.id == entry_id(entry.partitionkey, entry.type, applied().id)
    assert log.on(CREDIT_ACTS) == []


async def test_the_clock_of_a_case_runs_from_its_filing_to_its_decision() -> None:
    bureau, supervisor = await steps_of(applied(BUREAU, SUPERVISOR))
    assert isinstance(bureau, Asked)
    assert isinstance(supervisor, Asked)
    assert (bureau.authority, supervisor.authority) == (BUREAU, SUPERVISOR)
    assert (bureau.counterpart, bureau.clock.working_days) == (WINDOW, 10)
    assert bureau.clock.started_at == applied().time
    decided = await steps_of(REPAIRED)
    assert decided == [Closed(subject_id=bureau.subject_id, at=REPAIRED.time)]
    assert await steps_of(REVOKED) == []


async def test_an_objection_asks_who_found_the_fact_and_its_answer_ends_that() -> None:
    raised = changed(ObjectionRaised, "penalty_imposed", "raised", by=WINDOW)
    (asked,) = await steps_of(raised)
    assert isinstance(asked, Asked)
    assert (asked.authority, asked.clock.clock) == (BUREAU, Clock.OBJECTION_ANSWER)
    assert asked.subject_id == case_id(stable_id("objection", "1"), BUREAU)
    (closed,) = await steps_of(UPHELD)
    assert closed.subject_id == asked.subject_id


async def test_the_window_is_told_of_the_decision_and_not_of_its_own_filing() -> None:
    rejected = changed(ObjectionDecided, "penalty_imposed", "no", is_upheld=False, filed_by=WINDOW)
    entries = (await forwarded(rejected)).on(FEEDS)
    assert {entry.partitionkey: entry.data.case_id for entry in entries} == {
        BUREAU: case_id(stable_id("objection", "1"), BUREAU),
        WINDOW: None,
    }


@pytest.mark.parametrize(
    ("event", "change"),
    [
        (REPAIRED, FactChange.REPAIRED),
        (REVOKED, FactChange.RESTORED),
        (UPHELD, FactChange.OVERTURNED),
        (changed(FactWithdrawn, "breach_found", "gone"), FactChange.WITHDRAWN),
    ],
)
async def test_whoever_knew_the_fact_is_told_what_became_of_it_and_credit_that_they_were(
    event: Event, change: FactChange
) -> None:
    log = await forwarded(event)
    entries = [entry for entry in log.on(FEEDS) if isinstance(entry, FactsChangedEntry)]
    # Who found it, the other side of the loop, and to whom the breach was referred.
    assert [entry.partitionkey for entry in entries] == [BUREAU, SUPERVISOR, REFERRED_TO]
    assert {entry.data.change for entry in entries} == {change}
    assert {entry.data.act_id for entry in entries} == {event.id}
    (told,) = log.on(CREDIT_ACTS)
    assert isinstance(told, ChangeTold)
    assert told.data.act_id == event.id
    assert [one.entry_id for one in told.data.entries] == [entry.id for entry in entries]
    assert (await forwarded(event)).on(CREDIT_ACTS) == [told], "told again, it is the same"
    topics = [topic for topic, _ in log.events]
    assert topics.index(CREDIT_ACTS) > topics.index(FEEDS), "told before it is said to be"


async def test_a_rejected_objection_changes_nothing_for_anybody() -> None:
    log = await forwarded(changed(ObjectionDecided, "breach_found", "no", is_upheld=False))
    assert not [entry for entry in log.on(FEEDS) if isinstance(entry, FactsChangedEntry)]
    assert log.on(CREDIT_ACTS) == []


async def test_an_act_of_before_that_names_no_source_is_told_to_nobody() -> None:
    old: dict[str, Any] = {"about": [], "application_id": None, "filed_by": None}
    log = await forwarded(changed(FactsRepaired, "breach_found", "old", **REPAIR | old))
    assert (log.on(FEEDS), log.on(CREDIT_ACTS)) == ([], [])


async def test_a_referral_is_noted_for_who_is_told_later() -> None:
    clocks = FakeRounds()
    sanction: dict[str, Any] = {"kind": BreachSanction.PENALTY_REFERRAL, "referred_to": REFERRED_TO}
    event = stepped(BreachSanctioned, **sanction)
    await watch_breaches([event], breaches=clocks, schedule=SCHEDULE)
    assert clocks.steps == [Closed(subject_id=BREACH, at=event.time, referred_to=REFERRED_TO)]
