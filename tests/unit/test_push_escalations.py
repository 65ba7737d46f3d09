"""Escalations: to whom, what they demand, and that each is told exactly once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock
from linkage_contracts.deadlines import DeadlineRef
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import PROGRESS
from linkage_runtime.access import Scope
from linkage_runtime.errors import TransientError
from linkage_runtime.http.problems import answer_problems
from supervision_push.adapters.deadlines.http_escalations import EscalationViews, escalations_router
from supervision_push.application.act_on_pushes import Actor, Outcome, Refusal
from supervision_push.application.answer_escalations import (
    AnswerEscalation,
    answer_escalation,
    raise_unanswered,
)
from supervision_push.domain.clocks import Level
from supervision_push.domain.escalation import oversees, superiors
from supervision_push.domain.terms import Schedule, start_clock
from tests.unit.clock_fakes import PUSH, FakeClocks, FakeEscalations, a_subject, chase
from tests.unit.push_builders import (
    FIRE,
    MARKET,
    NOON,
    OTHER_OVERSIGHT,
    OVERSIGHT,
    a_catalogue,
    a_schedule,
    default_terms,
    plain_calendar,
)
from tests.unit.push_fakes import FakePublisher
from tests.unit.test_push_api import KeysInMemory, as_

ESCALATED, ANSWERED = "linkage.feed.escalated.v1", "linkage.feed.escalation-answered.v1"
LONG_AGO = NOON - timedelta(days=60)
TWO_LEVELS = Schedule(
    terms=replace(default_terms(), escalate_again_working_days=3), calendar=plain_calendar()
)


def long_overdue(schedule: Schedule = TWO_LEVELS) -> FakeClocks:
    clock = start_clock(Clock.RECEIPT, started_at=LONG_AGO, schedule=schedule)
    return FakeClocks.of(a_subject(PUSH, clock))


async def an_escalation(publisher: FakePublisher) -> tuple[FakeEscalations, str]:
    escalations = FakeEscalations(publisher)
    clocks = long_overdue(a_schedule())
    await chase(clocks, publisher, NOON, escalations=escalations)
    return escalations, next(iter(escalations.stored))


async def answer(
    escalations: FakeEscalations, key: str, *, by: str = MARKET, explanation: str = "联络员调离"
) -> Outcome:
    command = AnswerEscalation(
        escalation_id=key, by="clerk-1", explanation=explanation, measures="已另派联络员"
    )
    actor = Actor(organisation=by, at=NOON + timedelta(hours=1))
    return await answer_escalation(command, actor=actor, escalations=escalations)


async def remind(escalations: FakeEscalations, at: datetime) -> int:
    return await raise_unanswered(at, 10, escalations=escalations, schedule=a_schedule())


async def test_an_escalation_tells_what_to_answer_to() -> None:
    publisher = FakePublisher()
    escalations, key = await an_escalation(publisher)
    for organisation in (MARKET, OVERSIGHT):
        told: Any = publisher.feed_of(organisation)[-1]
        assert (told.type, told.data.escalation_id) == (ESCALATED, key)
    assert escalations.stored[key].superiors == (OVERSIGHT,)


async def test_the_answer_is_on_the_log_and_told_to_the_superior() -> None:
    publisher = FakePublisher()
    escalations, key = await an_escalation(publisher)
    assert (await answer(escalations, key)).done == (key,)
    told: Any = publisher.on(PROGRESS)[-1]
    assert told.type == "linkage.escalation.answered.v1"
    assert (told.data.explanation, told.data.measures) == ("联络员调离", "已另派联络员")
    assert [one.type for one in publisher.feed_of(OVERSIGHT)] == [ESCALATED, ANSWERED]


def _about(finding: str) -> DeadlineRef:
    return DeadlineRef(decision_id=stable_id("decision", "1"), finding_id=finding)


async def test_what_is_told_of_a_findings_escalation_names_the_finding() -> None:
    publisher, escalations = FakePublisher(), FakeEscalations()
    escalations.publisher, finding = publisher, stable_id("finding", "1")
    clock = start_clock(Clock.FINDING_ANSWER, started_at=LONG_AGO, schedule=a_schedule())
    subject = replace(a_subject(finding, clock), about=_about(finding))
    await chase(FakeClocks.of(subject), publisher, NOON, escalations=escalations)
    (key,) = escalations.stored
    await remind(escalations, escalations.stored[key].raise_at)
    await answer(escalations, key)
    told: list[Any] = [one for _, one in publisher.published]
    assert {one.data.finding_id for one in told} == {finding}
    assert {one.type for one in told} > {ESCALATED, ANSWERED}


async def test_a_second_equal_answer_changes_nothing_and_another_is_refused() -> None:
    publisher = FakePublisher()
    escalations, key = await an_escalation(publisher)
    await answer(escalations, key)
    before = len(publisher.published)
    assert (await answer(escalations, key)).done == (key,)
    other = await answer(escalations, key, explanation="另一说明")
    assert [one.why for one in other.refused] == [Refusal.OUT_OF_ORDER]
    assert len(publisher.published) == before


@pytest.mark.parametrize(
    ("key", "by", "why"),
    [(None, FIRE, Refusal.FOREIGN), (None, OVERSIGHT, Refusal.FOREIGN), ("?", MARKET, "unknown")],
)
async def test_only_who_owes_answers_what_there_is(key: str | None, by: str, why: Refusal) -> None:
    escalations, known = await an_escalation(FakePublisher())
    outcome = await answer(escalations, key or known, by=by)
    assert [one.why for one in outcome.refused] == [why]


async def test_what_nobody_answers_is_raised_again_and_again() -> None:
    publisher = FakePublisher()
    escalations, key = await an_escalation(publisher)
    due = escalations.stored[key].raise_at
    assert due.date() == (NOON + timedelta(days=2)).date()
    assert await remind(escalations, due - timedelta(seconds=1)) == 0
    assert await remind(escalations, due) == 1
    assert await remind(escalations, due) == 0
    assert await remind(escalations, due + timedelta(days=7)) == 1
    told: list[Any] = [one for one in publisher.feed_of(OVERSIGHT) if one.type == ESCALATED]
    assert [one.data.reminder for one in told] == [None, 1, 2]


async def test_what_is_answered_is_not_raised_again() -> None:
    escalations, key = await an_escalation(FakePublisher())
    await answer(escalations, key)
    assert await remind(escalations, NOON + timedelta(days=90)) == 0


async def test_an_answer_at_the_moment_of_a_reminder_has_the_last_word() -> None:
    publisher = FakePublisher()
    escalations, key = await an_escalation(publisher)
    escalations.before_save = partial(answer, escalations, key)
    assert await remind(escalations, NOON + timedelta(days=9)) == 1
    assert escalations.stored[key].answer is not None
    assert all(one.data.reminder is None for one in _escalated(publisher))


def _escalated(publisher: FakePublisher) -> list[Any]:
    return [one for one in publisher.on(PROGRESS) if one.type == "linkage.deadline.escalated.v1"]


async def test_a_second_level_follows_where_the_configuration_has_one() -> None:
    publisher, escalations, clocks = FakePublisher(), FakeEscalations(), long_overdue()
    await chase(clocks, publisher, NOON, escalations=escalations, schedule=TWO_LEVELS)
    assert [one.data.level for one in _escalated(publisher)] == [3, 4]
    assert len(escalations.stored) == 2
    assert clocks.clock(PUSH).level is Level.ESCALATED_AGAIN


def test_the_configuration_names_to_whom_each_level_goes() -> None:
    catalogue = a_catalogue()
    assert superiors(catalogue, MARKET, Level.ESCALATED) == (OVERSIGHT,)
    named = _with(catalogue, escalates_to=(OTHER_OVERSIGHT,))
    assert superiors(named, MARKET, Level.ESCALATED) == (OTHER_OVERSIGHT,)
    assert superiors(named, MARKET, Level.ESCALATED_AGAIN) == (OTHER_OVERSIGHT,)
    both = _with(catalogue, escalates_again_to=(OTHER_OVERSIGHT,))
    assert superiors(both, MARKET, Level.ESCALATED) == (OVERSIGHT,)
    assert superiors(both, MARKET, Level.ESCALATED_AGAIN) == (OTHER_OVERSIGHT,)


def test_a_catalogue_that_names_no_superior_keeps_its_version() -> None:
    catalogue = a_catalogue()
    assert "escalates_to" not in catalogue.model_dump_json()
    assert _with(catalogue, escalates_to=(OTHER_OVERSIGHT,)).version != catalogue.version


def test_a_superior_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="督办至未知单位"):
        _with(a_catalogue(), escalates_to=("nobody",))


def _with(catalogue: Catalogue, **changes: object) -> Catalogue:
    content = catalogue.model_dump()
    for authority in content["authorities"]:
        if authority["id"] == MARKET:
            authority.update(changes)
    return Catalogue.model_validate(content)


@settings(deadline=None, max_examples=40)
@given(
    looks=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["works", "no kafka", "dies"])), max_size=12
    )
)
async def test_every_escalation_is_opened_and_told_once_whatever_breaks(
    looks: list[tuple[int, str]],
) -> None:
    publisher, escalations, clocks = FakePublisher(), FakeEscalations(), long_overdue()
    for day, fate in [*sorted(looks), (60, "works")]:
        publisher.failures, clocks.deaths = int(fate == "no kafka"), int(fate == "dies")
        try:
            at = LONG_AGO + timedelta(days=day)
            await chase(clocks, publisher, at, escalations=escalations, schedule=TWO_LEVELS)
        except TransientError:
            continue
    publisher.failures = clocks.deaths = 0
    last = LONG_AGO + timedelta(days=61)
    await chase(clocks, publisher, last, escalations=escalations, schedule=TWO_LEVELS)
    told = {one.data.escalation_id for one in _escalated(publisher)}
    assert len(_escalated(publisher)) == 2
    assert told == set(escalations.stored)


@asynccontextmanager
async def the_api(
    escalations: FakeEscalations, views: EscalationViews | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.api_keys = KeysInMemory()
    answers = partial(answer_escalation, escalations=escalations)
    app.include_router(escalations_router(answers, views or SeenViews(), lambda: NOON))
    answer_problems(app)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


class SeenViews(EscalationViews):
    """Shows nothing, and keeps what was asked."""

    def __init__(self) -> None:
        """No collection is behind it."""
        self.asked: list[tuple[dict[str, str], bool | None]] = []

    async def page(
        self, whose: dict[str, str], *, answered: bool | None, after: str | None, limit: int
    ) -> dict[str, Any]:
        assert (after, limit) == (None, 100)
        self.asked.append((whose, answered))
        return {"escalations": []}


async def test_an_answer_by_its_route() -> None:
    escalations, key = await an_escalation(FakePublisher())
    body = {"by": "zhang-3", "explanation": "联络员调离", "measures": "已另派联络员"}
    path = f"/v1/escalations/{key}:answer"
    async with the_api(escalations) as client:
        foreign = await client.post(path, json=body, headers=as_(FIRE))
        short = await client.post(path, json={"by": "zhang-3"}, headers=as_(MARKET))
        done = await client.post(path, json=body, headers=as_(MARKET))
    assert (foreign.status_code, short.status_code) == (403, 422)
    assert (done.status_code, done.json()) == (200, {"done": key})


@pytest.mark.parametrize(
    ("who", "query", "seen"),
    [
        (MARKET, "", ({"organisation": MARKET}, None)),
        (MARKET, "?answered=false", ({"organisation": MARKET}, False)),
        (MARKET, f"?organisation={FIRE}", None),
        (f"{OVERSIGHT}/{Scope.OVERSEE}", "", ({"superiors": OVERSIGHT}, None)),
        (f"{OVERSIGHT}/{Scope.OVERSEE}", f"?organisation={FIRE}", ({"organisation": FIRE}, None)),
    ],
)
async def test_everybody_sees_their_own_and_oversight_what_was_escalated_to_it(
    who: str, query: str, seen: tuple[dict[str, str], bool | None] | None
) -> None:
    views = SeenViews()
    async with the_api(FakeEscalations(), views) as client:
        answer = await client.get(f"/v1/escalations{query}", headers=as_(who))
    assert answer.status_code == (200 if seen else 403)
    assert views.asked == ([seen] if seen else [])


def test_a_named_superior_watches_like_the_oversight_of_the_region() -> None:
    named = _with(a_catalogue(), escalates_again_to=(OTHER_OVERSIGHT,))
    assert oversees(named, OTHER_OVERSIGHT, MARKET)
    assert oversees(named, OVERSIGHT, MARKET)
    assert not oversees(named, OTHER_OVERSIGHT, FIRE)
    assert not oversees(named, FIRE, MARKET)
