"""Deadlines in a real database: moved, recomputed, escalated, and found by an index alone."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linkage_contracts.codes import Clock, DeadlineCause
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ids import push_id, stable_id
from linkage_contracts.topics import PROGRESS
from linkage_runtime.errors import TransientError
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.http_escalations import EscalationViews
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.deadlines.mongo_escalations import MongoEscalations
from supervision_push.adapters.deadlines.mongo_supplements import (
    MongoSupplements,
    supplement_subject,
)
from supervision_push.adapters.pushes.mongo_recalls import MongoRecalls
from supervision_push.adapters.pushes.push_documents import push_document, push_subject
from supervision_push.adapters.results.mongo_results import MongoResultBook, result_subject
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.answer_escalations import (
    AnswerEscalation,
    answer_escalation,
    raise_unanswered,
)
from supervision_push.application.clock_ports import Chased, Subject
from supervision_push.application.forward_results import FoundResult, forward_results
from supervision_push.application.move_deadlines import MoveDeadlines, move_deadlines
from supervision_push.application.open_supplements import open_supplements
from supervision_push.application.result_ports import Act, Acted
from supervision_push.application.settle_deadlines import recompute_deadlines, resume_deadlines
from supervision_push.domain.clocks import Level
from supervision_push.domain.terms import Schedule, start_clock
from tests.unit.clock_fakes import chase
from tests.unit.push_builders import (
    BUREAU as APPROVING,
)
from tests.unit.push_builders import (
    MARKET,
    NOON,
    OVERSIGHT,
    a_catalogue,
    a_commitment,
    a_decision,
    a_push,
    a_schedule,
    arrived,
)
from tests.unit.push_fakes import FakeCatalogues, FakePublisher
from tests.unit.push_stage import PushStage
from tests.unit.results_fakes import BUREAU, a_submission
from tests.unit.test_push_deadlines import LIMITS, by_calendar
from tests.unit.test_push_supplements import amended, lacking
from tests.unit.test_results_forwarding import REQUEST, found

EVENT = a_decision(a_catalogue())
PUSH = push_id(EVENT.id, MARKET, 0)
LATER = NOON + timedelta(minutes=5)
_SUBJECTS = {
    "pushes": push_subject,
    "results": result_subject,
    "supplements": supplement_subject,
}


def clocks_in(own: Database, name: str, publisher: Any) -> MongoClocks:
    return MongoClocks(own[name], _SUBJECTS[name], Outbox(own[name], publisher))


def escalations_in(own: Database, publisher: Any) -> MongoEscalations:
    return MongoEscalations(own["escalations"], Outbox(own["escalations"], publisher))


async def move(
    clocks: MongoClocks,
    key: str,
    cause: DeadlineCause,
    *,
    days: int = 5,
    by: str = MARKET,
    clock: Clock = Clock.RECEIPT,
    reason: str = "待检测报告",
) -> Outcome:
    return await move_deadlines(
        MoveDeadlines(
            keys=[key], clock=clock, cause=cause, working_days=days, by="c", reason=reason
        ),
        actor=Actor(organisation=by, at=LATER),
        clocks=clocks,
        catalogues=FakeCatalogues(a_catalogue()),
        schedule=a_schedule(),
        limits=LIMITS,
    )


async def test_of_many_extensions_at_once_as_many_hold_as_are_allowed(
    stage: PushStage, own: Database
) -> None:
    await stage.route(EVENT)
    clocks = clocks_in(own, "pushes", stage.publisher)
    outcomes = await asyncio.gather(
        *(move(clocks, PUSH, DeadlineCause.EXTENDED, reason=f"第 {n} 次") for n in range(6))
    )
    assert sum(bool(outcome.done) for outcome in outcomes) == LIMITS.extensions
    push = await stage.push(EVENT, MARKET)
    receipt = next(clock for clock in push.clocks if clock.clock is Clock.RECEIPT)
    assert (receipt.due_on, len(receipt.moves)) == (date(2026, 12, 2), 1)
    assert await own["pushes"].count_documents({"unpublished": True}) == 0


async def test_a_push_that_stands_still_can_be_signed_for(stage: PushStage, own: Database) -> None:
    await stage.route(EVENT)
    clocks = clocks_in(own, "pushes", stage.publisher)
    await move(clocks, PUSH, DeadlineCause.PAUSED)
    await stage.receive(MARKET, PUSH)
    assert (
        await resume_deadlines(NOON + timedelta(days=30), 10, clocks=clocks, schedule=a_schedule())
        == 0
    )
    stored = await own["pushes"].find_one({"_id": PUSH})
    assert stored is not None
    assert "resume_at" not in stored
    assert stored["clocks"]["receipt"]["stopped_at"] is not None


async def test_a_pause_ends_by_itself_once_whoever_looks(stage: PushStage, own: Database) -> None:
    await stage.route(EVENT)
    clocks = clocks_in(own, "pushes", stage.publisher)
    await move(clocks, PUSH, DeadlineCause.PAUSED)
    at = NOON + timedelta(days=30)
    await asyncio.gather(
        *(resume_deadlines(at, 10, clocks=clocks, schedule=a_schedule()) for _ in range(3))
    )
    causes = [one.data.cause for one in stage.publisher.on(PROGRESS) if _is_change(one)]  # type: ignore[attr-defined]
    assert causes == [DeadlineCause.PAUSED, DeadlineCause.RESUMED]
    await chase(clocks, stage.publisher, at)
    assert (await stage.push(EVENT, MARKET)).clocks[0].level is Level.ESCALATED


async def test_an_extension_in_the_middle_of_a_chase_is_chased_by_its_new_day(
    stage: PushStage, own: Database
) -> None:
    await stage.route(EVENT)
    clocks = clocks_in(own, "pushes", stage.publisher)
    at = NOON + timedelta(days=3)
    (due,) = await clocks.due(at, 10)
    await move(clocks, PUSH, DeadlineCause.EXTENDED)
    told = Chased(subject=due, clocks=tuple(clock.told(at) for clock in due.clocks))
    await clocks.mark([told])
    push = await stage.push(EVENT, MARKET)
    assert (push.clocks[0].level, told.clocks[0].level) == (Level.QUIET, Level.OVERDUE)
    await chase(clocks, stage.publisher, push.clocks[0].due_at)
    assert (await stage.push(EVENT, MARKET)).clocks[0].level is Level.OVERDUE


def _is_change(event: Any) -> bool:
    return bool(event.type == "linkage.deadline.changed.v1")


async def test_a_bureau_extends_its_report_while_its_receipt_stops_another_clock(
    own: Database,
) -> None:
    publisher, results = FakePublisher(), MongoResultBook(own)
    (event,) = await found(a_submission(request=REQUEST))
    await forward_results(
        [FoundResult(event=event, body=event.to_bytes())],
        results=results,
        publish=publisher,
        schedule=a_schedule(),
        clock=lambda: NOON,
    )
    key = event.data.result_id
    clocks = clocks_in(own, "results", publisher)
    moving = move(clocks, key, DeadlineCause.EXTENDED, by=BUREAU, clock=Clock.ACTION_REPORT)
    receiving = results.mark([Acted(result_id=key, act=Act.RECEIVED, at=LATER)])
    outcome, _ = await asyncio.gather(moving, receiving)
    assert outcome.done == (key,)
    subject = (await clocks.find([key]))[key]
    receipt, report = subject.clocks
    assert receipt.stopped_at == LATER
    assert [one.working_days for one in report.moves] == [5]
    stored = await own["results"].find_one({"_id": key})
    assert stored is not None
    assert stored["next_at"] == report.warn_at


async def test_a_notice_that_is_loaded_moves_every_provisional_deadline_once(
    own: Database,
) -> None:
    publisher = FakePublisher()
    clocks = clocks_in(own, "pushes", publisher)
    started = datetime(2026, 12, 31, 4, tzinfo=UTC)
    pushes = [_opened_by(by_calendar(2026), started, number) for number in range(25)]
    await own["pushes"].insert_many(pushes)
    assert await clocks.provisional() == 25
    assert await recompute_deadlines(started, 10, clocks=clocks, schedule=by_calendar(2026)) == 0
    publisher.failures = 1  # the first round dies between its write and its letters
    rounds = 0
    while rounds < 20:
        rounds += 1
        try:
            schedule = by_calendar(2026, 2027)
            if await recompute_deadlines(started, 10, clocks=clocks, schedule=schedule) == 0:
                break
        except TransientError:
            continue
    await own["pushes"].update_many({"held_at": {"$exists": True}}, {"$set": {"held_at": NOON}})
    swept: Any = publisher
    await Outbox(own["pushes"], swept).sweep()
    told: Sequence[Any] = publisher.on(PROGRESS)
    assert sorted(one.data.push_id for one in told) == sorted(push["_id"] for push in pushes)
    assert {one.data.due_on for one in told} == {date(2027, 1, 5)}
    assert await clocks.provisional() == 0


def _opened_by(schedule: Schedule, started: datetime, number: int) -> dict[str, Any]:
    clock = start_clock(Clock.RECEIPT, started_at=started, schedule=schedule)
    identity = push_id(EVENT.id, MARKET, number)
    return push_document(a_push(push_id=identity, clocks=(clock,)), b"{}")


async def test_one_who_dies_between_telling_and_marking_escalates_once(
    stage: PushStage, own: Database
) -> None:
    event = a_decision(a_catalogue(), commitment=a_commitment(NOON.date() - timedelta(days=30)))
    await stage.route(event)
    stage.publisher.published.clear()
    escalations = escalations_in(own, stage.publisher)
    await escalations.create_indexes()
    dying = Dying(own["pushes"], push_subject, Outbox(own["pushes"], _any(stage.publisher)))
    with pytest.raises(TransientError):
        await chase(dying, stage.publisher, LATER, escalations=escalations)
    clocks = clocks_in(own, "pushes", stage.publisher)
    next_day = LATER + timedelta(days=1)
    await chase(clocks, stage.publisher, next_day, escalations=escalations)
    assert stage.publisher.types() == [
        "linkage.deadline.overdue.v1",
        "linkage.deadline.escalated.v1",
    ]
    views = EscalationViews(own["escalations"])
    page = await views.page({"superiors": OVERSIGHT}, answered=False, after=None, limit=10)
    shown = page["escalations"][0]
    assert (len(page["escalations"]), shown["organisation"]) == (1, MARKET)
    assert shown["raised_at"] == LATER
    await _answer_and_remind(own, stage, shown["escalation_id"])


async def _answer_and_remind(own: Database, stage: PushStage, key: str) -> None:
    escalations, views = escalations_in(own, stage.publisher), EscalationViews(own["escalations"])
    in_a_week = LATER + timedelta(days=7)
    for expected in (1, 0):
        raised = await raise_unanswered(
            in_a_week, 10, escalations=escalations, schedule=a_schedule()
        )
        assert raised == expected
    assert await escalations.waiting() == 1
    command = AnswerEscalation(escalation_id=key, by="c", explanation="e", measures="m")
    actor = Actor(organisation=MARKET, at=in_a_week)
    outcomes = await asyncio.gather(
        *(answer_escalation(command, actor=actor, escalations=escalations) for _ in range(4))
    )
    assert all(outcome.done == (key,) for outcome in outcomes)
    assert stage.publisher.types()[2:] == [
        "linkage.deadline.escalated.v1",
        "linkage.escalation.answered.v1",
    ]
    assert await escalations.waiting() == 0
    for answered, expected in ((True, 1), (False, 0), (None, 1)):
        page = await views.page({"organisation": MARKET}, answered=answered, after=None, limit=10)
        assert len(page["escalations"]) == expected


async def test_a_supplement_is_opened_once_extended_and_settled(own: Database) -> None:
    publisher, supplements = FakePublisher(), MongoSupplements(own)
    clocks = clocks_in(own, "supplements", publisher)
    for _ in range(2):
        await supplements.create_indexes()
        await clocks.create_indexes()
        await _open_supplements(own, lacking())
    shown = (await supplements.page(APPROVING, open_only=True, after=None, limit=10))["supplements"]
    assert [(one["missing"], one["level"]) for one in shown] == [(["平面图"], 0)]
    key = shown[0]["supplement_id"]
    due = [one.key for one in await clocks.due(NOON + timedelta(days=30), 10)]
    assert due == [key]
    clock = Clock.TOLERANCE_SUPPLEMENT
    outcome = await move(clocks, key, DeadlineCause.EXTENDED, by=APPROVING, clock=clock)
    assert outcome.done == (key,)
    await _open_supplements(own, lacking(), amended(), lacking())
    assert await clocks.due(NOON + timedelta(days=90), 10) == []
    assert await supplements.page(APPROVING, open_only=True, after=None, limit=10) == {
        "supplements": []
    }
    assert await own["supplements"].count_documents({"open_until": {"$exists": True}}) == 0
    everything = await supplements.page(None, open_only=False, after=None, limit=10)
    assert len(everything["supplements"]) == 1


async def _open_supplements(own: Database, *events: DecisionEvent) -> None:
    await open_supplements(
        arrived(*events),
        supplements=MongoSupplements(own),
        recalls=MongoRecalls(own["recalls"]),
        catalogues=FakeCatalogues(a_catalogue()),
        schedule=a_schedule(),
    )


def _any(publisher: Any) -> Any:
    return publisher


class Dying(MongoClocks):
    """Told, and dead before the mark."""

    async def mark(self, chased: Sequence[Chased]) -> None:
        assert chased
        raise TransientError("killed")


class Explained(MongoClocks):
    """Keeps the plan of each query."""

    plans: list[Mapping[str, Any]]

    async def _first(self, which: Mapping[str, Any], by: str, limit: int) -> list[Subject]:
        plan = await self._query(which, by, limit).explain()
        self.plans = [*getattr(self, "plans", []), plan]
        return await super()._first(which, by, limit)


async def test_what_is_due_costs_an_index_scan_of_what_is_due(own: Database) -> None:
    clocks = Explained(own["pushes"], push_subject, Outbox(own["pushes"], _any(FakePublisher())))
    await clocks.create_indexes()
    one = push_document(a_push(), b"{}")
    due = NOON + timedelta(days=400)
    await own["pushes"].insert_many(
        [
            {**one, "_id": stable_id("push", str(number)), "next_at": NOON if number < 7 else due}
            | ({"resume_at": NOON} if number in (20, 21) else {})
            | ({"awaits_year": 2028} if number in (30, 31, 32) else {})
            for number in range(3_000)
        ]
    )
    assert len(await clocks.due(LATER, 500)) == 7
    assert len(await clocks.standing_still(LATER, 500)) == 2
    assert len(await clocks.awaiting(range(2020, 2029), 500)) == 3
    for plan, expected in zip(clocks.plans, (7, 2, 3), strict=True):
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] == expected
