"""The clock on a finding: told with it, chased, stopped by an answer, started by a sending back."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from linkage_contracts.actions import (
    FindingAccepted,
    FindingAnswered,
    FindingClosed,
    FindingSentBack,
)
from linkage_contracts.codes import Clock, Rule
from linkage_contracts.decisions import Irregularity
from linkage_contracts.generate import ROOT
from linkage_contracts.ids import finding_id
from linkage_contracts.topics import ACTIONS, FEEDS
from supervision_push.application.asked import Answered, Asked, Closed, Step
from supervision_push.application.watch_findings import watch_findings
from supervision_push.domain.terms import answer_clock
from tests.unit.push_builders import a_schedule
from tests.unit.results_fakes import BUREAU, OVERSIGHT
from tests.unit.results_office import Office
from tests.unit.test_push_opening import granted

SCHEDULE = a_schedule()
IRREGULAR = granted(
    irregularities=(
        Irregularity(rule=Rule.PUSHED_LATE, detail="迟三日"),
        Irregularity(rule=Rule.OFF_CATALOGUE, detail="清单之外"),
    )
)


def golden(name: str) -> object:
    """The golden example of an act on a finding."""
    path = ROOT / "examples" / f"linkage.action.finding-{name}.v1.json"
    return ACTIONS.read(path.read_bytes())


ANSWERED, ACCEPTED, SENT_BACK, CLOSED = map(golden, ("answered", "accepted", "sent-back", "closed"))


@dataclass
class FakeRounds:
    """Steps in memory."""

    steps: list[Step] = field(default_factory=list)
    calls: int = 0

    async def note(self, steps: Sequence[Step]) -> None:
        """See the port."""
        self.calls += 1
        self.steps += steps


async def steps_of(*events: object) -> list[Step]:
    clocks = FakeRounds()
    await watch_findings(events, findings=clocks, schedule=SCHEDULE)  # type: ignore[arg-type]
    return clocks.steps


async def test_every_breach_of_a_decision_asks_for_an_answer_of_its_own() -> None:
    asked = await steps_of(IRREGULAR)
    assert [(one.subject_id, one.round) for one in asked if isinstance(one, Asked)] == [
        (finding_id(IRREGULAR.id, "pushed_late"), 0),
        (finding_id(IRREGULAR.id, "off_catalogue"), 0),
    ]
    clock = answer_clock(IRREGULAR.recordedtime, SCHEDULE)
    assert {one.clock for one in asked if isinstance(one, Asked)} == {clock}
    assert clock.clock is Clock.FINDING_ANSWER


async def test_regular_decisions_cost_the_store_nothing() -> None:
    clocks = FakeRounds()
    await watch_findings([granted()], findings=clocks, schedule=SCHEDULE)
    assert clocks.calls == 0


async def test_an_answer_stops_its_round_and_a_sending_back_asks_for_the_next() -> None:
    assert isinstance(ANSWERED, FindingAnswered)
    assert isinstance(SENT_BACK, FindingSentBack)
    assert isinstance(CLOSED, FindingClosed)
    answered, asked, closed = await steps_of(ANSWERED, SENT_BACK, CLOSED)
    id_ = ANSWERED.data.finding_id
    assert answered == Answered(subject_id=id_, round=0, at=ANSWERED.time)
    assert isinstance(asked, Asked)
    assert (asked.subject_id, asked.round) == (id_, 1)
    assert asked.clock == answer_clock(SENT_BACK.time, SCHEDULE)
    assert closed == Closed(subject_id=id_, at=CLOSED.time)


async def test_an_accepted_answer_owes_nothing_new() -> None:
    assert await steps_of(ACCEPTED) == []


async def test_what_is_done_about_a_finding_is_told_to_bureau_and_oversight() -> None:
    for event in (ANSWERED, ACCEPTED, SENT_BACK, CLOSED):
        assert isinstance(
            event, FindingAnswered | FindingAccepted | FindingSentBack | FindingClosed
        )
        told = event.model_copy(
            update={"data": event.data.model_copy(update={"authority": BUREAU})}
        )
        office = Office()
        await office.actions_in(told)
        entries = office.log.on(FEEDS)
        assert [entry.partitionkey for entry in entries] == [BUREAU, OVERSIGHT]
        assert {entry.type for entry in entries} == {event.type.replace(".action.", ".feed.")}
        assert office.results.acts == []
