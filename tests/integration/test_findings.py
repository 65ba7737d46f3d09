"""Findings in both stores on the embedded database: any order of arrival, and races of acts."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from approval_events.adapters.mongo_decisions import MongoDecisions
from approval_events.adapters.mongo_findings import MongoFindings
from approval_events.application.answer_findings import (
    AnswerFindings,
    AnswerLine,
    answer_findings,
)
from approval_events.application.close_findings import close_findings
from approval_events.application.finding_ports import FindingAdmission, FindingQuery
from approval_events.application.judge_findings import JudgeFindings, judge_findings
from approval_events.domain.facts import FactKind
from approval_events.domain.finding import FindingState
from approval_events.domain.readings import facts_of
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import ACTIONS
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.deadlines.mongo_rounds import MongoRounds, finding_subject
from supervision_push.application.watch_findings import watch_findings
from tests.integration.test_outbox import Log
from tests.unit.approval_builders import BUREAU
from tests.unit.approval_fakes import FakeCatalogues, FakeMeasurements, FakePublisher
from tests.unit.approval_loops import at
from tests.unit.clock_fakes import chase
from tests.unit.findings_desk import (
    BROKEN,
    BUREAU_ACTOR,
    FINDING,
    LATENESS,
    OVERSIGHT_ACTOR,
    answered_event,
    correction,
    escalated,
    version,
)
from tests.unit.push_builders import a_schedule
from tests.unit.push_fakes import FakePublisher as PushPublisher

ALL = FindingQuery(authorities=None, state=None, rule=None, after="", limit=50)


@pytest.fixture
async def findings(store: Database) -> MongoFindings:
    found = MongoFindings(store["findings"], Outbox(store["findings"], Log()))
    await found.create_indexes()
    return found


def verdict(name: str, minutes: float, **said: str) -> Any:
    """What oversight says to the first answer."""
    answer = answered_event(correction())
    data = answer.data.model_dump(mode="json", exclude={"kind", "note", "act_document_number"})
    return ACTIONS.adapter.validate_python(
        answer.model_dump(mode="json", exclude={"type", "data"})
        | {
            "id": stable_id(f"finding-{name}", FINDING, "0"),
            "type": f"linkage.action.finding-{name}.v1",
            "time": at(minutes),
            "data": data | {"overseer": OVERSIGHT_ACTOR.organisation, **said},
        }
    )


def sent_back(minutes: float = 20) -> Any:
    return verdict("sent-back", minutes, reason="请附文书")


def accepted(minutes: float = 21) -> Any:
    return verdict("accepted", minutes)


async def state(findings: MongoFindings) -> FindingState:
    return (await findings.find([FINDING]))[FINDING].state


async def answer(findings: MongoFindings, note: str = "已更正") -> object:
    lines = [AnswerLine(finding_id=FINDING, answer=correction(note))]
    command = AnswerFindings(answers=lines, actor=BUREAU_ACTOR, at=at(10))
    return await answer_findings(command, findings=findings, measurements=FakeMeasurements())


async def judge(findings: MongoFindings, reason: str | None) -> object:
    command = JudgeFindings(
        finding_ids=[FINDING], by="刘督查", actor=OVERSIGHT_ACTOR, at=at(20), reason=reason
    )
    return await judge_findings(
        command,
        findings=findings,
        catalogues=FakeCatalogues(),
        measurements=FakeMeasurements(),
    )


async def test_the_whole_life_is_published_and_can_be_listed_and_counted(
    findings: MongoFindings, store: Database
) -> None:
    await findings.note(facts_of([BROKEN, escalated(minutes=5)]))
    assert await state(findings) is FindingState.ESCALATED
    for step, after in (
        (answer(findings), FindingState.ANSWERED),
        (judge(findings, "请附文书"), FindingState.SENT_BACK),
        (answer(findings, "已附文书"), FindingState.ANSWERED),
        (judge(findings, None), FindingState.ACCEPTED),
    ):
        acts = await step
        assert (acts.done, acts.refused) == ([FINDING], [])  # type: ignore[attr-defined]
        assert await state(findings) is after
    left = await store["findings"].find({"unpublished": True}).to_list(None)
    assert left == []
    assert {one.finding_id for one in await findings.page(ALL)} == {FINDING, LATENESS}
    counts = await findings.counts(frozenset({BUREAU}))
    assert [(one.rule, str(one.state), one.count) for one in counts] == [
        ("off_catalogue", "accepted", 1),
        ("pushed_late", "warned", 1),
    ]
    assert await findings.counts(frozenset({"nobody"})) == []


async def test_facts_come_to_the_same_in_every_order(store: Database) -> None:
    told = [BROKEN, escalated(minutes=5), answered_event(correction(), minutes=9)]
    for number, order in enumerate(permutations(told)):
        collection = store[f"findings_{number}"]
        findings = MongoFindings(collection, Outbox(collection, Log()))
        for event in (*order, *order):
            await findings.note(facts_of([event]))
        assert await state(findings) is FindingState.ANSWERED
        [listed] = await findings.page(
            FindingQuery(
                authorities=None, state=FindingState.ANSWERED, rule=None, after="", limit=9
            )
        )
        assert listed.finding_id == FINDING


async def test_of_two_acts_of_one_round_one_is_written(findings: MongoFindings) -> None:
    await findings.note(facts_of([BROKEN]))
    one = FindingAdmission(subject_id=FINDING, event=answered_event(correction("甲")))
    other = FindingAdmission(subject_id=FINDING, event=answered_event(correction("乙")))
    assert [await findings.admit([one]), await findings.admit([other])] == [1, 0]
    (told,) = (await findings.find([FINDING]))[FINDING].of(FactKind.FINDING_ANSWERED)
    assert told.detail["note"] == "甲"


async def test_of_two_verdicts_on_one_answer_one_is_written(store: Database) -> None:
    verdicts = [
        FindingAdmission(subject_id=FINDING, event=event) for event in (sent_back(), accepted())
    ]
    for number, order in enumerate(permutations(verdicts)):
        collection = store[f"findings_{number}"]
        findings = MongoFindings(collection, Outbox(collection, Log()))
        await findings.note(facts_of([BROKEN, answered_event(correction())]))
        assert [await findings.admit([one]) for one in order] == [1, 0]


async def test_a_closed_finding_takes_no_answer(findings: MongoFindings, store: Database) -> None:
    decisions = MongoDecisions(store["decisions"])
    publisher = FakePublisher()
    mended = version("mended", 21, minutes=30)
    for event in (mended, BROKEN):
        await decisions.add([event])
        await close_findings(
            facts_of([event]),
            findings=findings,
            decisions=decisions,
            publisher=publisher,
            measurements=FakeMeasurements(),
        )
    [closed] = publisher.on(ACTIONS)
    await findings.note(facts_of([closed]))
    assert await state(findings) is FindingState.CLOSED
    late = FindingAdmission(subject_id=FINDING, event=answered_event(correction()))
    assert await findings.admit([late]) == 0


SCHEDULE = a_schedule()


class Watch:
    """The clocks of findings in the other service's store."""

    def __init__(self, store: Database) -> None:
        self.collection = store["clocks"]
        self.findings = MongoRounds(self.collection)
        self.publisher = PushPublisher()

    async def see(self, *events: object) -> None:
        await watch_findings(events, findings=self.findings, schedule=SCHEDULE)  # type: ignore[arg-type]

    async def chase(self, moment: datetime) -> list[str]:
        """What a chase at this moment tells of the finding."""
        told_before = len(self.publisher.published)
        held: Any = self.publisher
        clocks = MongoClocks(self.collection, finding_subject, Outbox(self.collection, held))
        await chase(clocks, self.publisher, moment, schedule=SCHEDULE)
        new = [event for _, event in self.publisher.published[told_before:]]
        return [
            event.type.split(".")[2]
            for event in new
            if event.type.startswith("linkage.deadline.") and event.data.finding_id == FINDING  # type: ignore[attr-defined]
        ]


MONTHS_LATER = at(0) + timedelta(days=90)


async def test_a_finding_without_an_answer_is_chased_and_escalated_once(store: Database) -> None:
    watch = Watch(store)
    await watch.see(BROKEN)
    await watch.see(BROKEN)
    assert await watch.chase(MONTHS_LATER) == ["overdue", "escalated"]
    await watch.see(BROKEN)
    assert await watch.chase(MONTHS_LATER) == []


async def test_an_answer_stops_the_clock_whichever_comes_first(store: Database) -> None:
    for order in permutations([BROKEN, answered_event(correction())]):
        await store["clocks"].delete_many({})
        watch = Watch(store)
        for event in order:
            await watch.see(event)
        assert await watch.chase(MONTHS_LATER) == []


async def test_a_sending_back_starts_it_again_in_whatever_order_it_is_told(
    store: Database,
) -> None:
    for order in permutations([BROKEN, answered_event(correction()), sent_back()]):
        await store["clocks"].delete_many({})
        watch = Watch(store)
        for event in (*order, *order):
            await watch.see(event)
        assert await watch.chase(MONTHS_LATER) == ["overdue", "escalated"]
        again = answered_event(correction("已附文书"), round_=1, minutes=30)
        await watch.see(again)
        assert await watch.chase(MONTHS_LATER) == []


class Marked:
    """A collection in which a chase marks every finding before each of the first bulk writes."""

    def __init__(self, collection: Any, marks: int) -> None:
        self._collection = collection
        self._marks = marks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)

    async def bulk_write(self, *writes: Any, **options: Any) -> Any:
        if self._marks:
            self._marks -= 1
            await self._collection.update_many({}, {"$inc": {"revision": 1}})
        return await self._collection.bulk_write(*writes, **options)


async def test_an_answer_stops_the_clock_though_a_chase_marks_it_at_that_moment(
    store: Database,
) -> None:
    watch = Watch(store)
    await watch.see(BROKEN)
    raced: Any = Marked(watch.collection, marks=3)
    watch.findings = MongoRounds(raced)
    await watch.see(answered_event(correction()))
    assert await watch.chase(MONTHS_LATER) == []
