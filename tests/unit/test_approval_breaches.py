"""A breach of a commitment: the ladder that commands keep to, and facts in whatever order."""

from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval_events.application.acts import Actor, Acts
from approval_events.domain.breach import Breach
from approval_events.domain.breach_ladder import OPEN, POSSIBLE, STEPS, BreachState
from approval_events.domain.facts import FactKind
from approval_events.domain.linkage import Linkage, LinkageState
from approval_events.domain.readings import facts_of
from approval_events.domain.refusals import OutOfOrderError
from linkage_contracts import breaches as b
from linkage_contracts.codes import (
    ActionOutcome,
    BreachSanction,
    Clock,
    DeadlineCause,
    DecisionKind,
)
from linkage_contracts.deadlines import DeadlineChange, DeadlineChanged
from linkage_contracts.decisions import Act
from linkage_contracts.envelope import Event
from tests.unit.approval_builders import BUREAU, OTHER_BUREAU, SUPERVISOR
from tests.unit.approval_loops import (
    DECISION,
    decided,
    delivered,
    envelope,
    opened,
    received,
    result_received,
)
from tests.unit.breach_desk import (
    BREACH,
    REPAIRED,
    REVOKED,
    STEP_OF,
    UPHELD,
    BreachDesk,
    reported,
    returned,
    states_after,
    stepped,
    suspected,
)

LADDER: list[tuple[type[b.BreachEvent], int]] = [
    (b.BreachNotified, 0),
    (b.BreachHeard, 1),
    (b.BreachFound, 2),
    (b.BreachWarned, 3),
    (b.BreachMended, 4),
]
CONFIRMED, CLEARED = ActionOutcome.BREACH_CONFIRMED, ActionOutcome.BREACH_NOT_CONFIRMED


@pytest.fixture
async def desk() -> BreachDesk:
    desk = BreachDesk()
    await desk.told(suspected())
    return desk


def done(acts: Acts) -> bool:
    return acts.done == [BREACH] and not acts.refused


def why_not(acts: Acts) -> tuple[int, str]:
    (refusal,) = acts.refused
    return refusal.status, str(refusal)


async def climb(desk: BreachDesk, upto: type[b.BreachEvent]) -> None:
    for step, day in LADDER:
        assert done(await desk.take(step, day=day))
        if step is upto:
            return


async def test_a_breach_goes_up_the_whole_ladder_and_every_step_is_published(
    desk: BreachDesk,
) -> None:
    assert desk.state is BreachState.SUSPECTED
    states = []
    for step, day in LADDER:
        assert done(await desk.take(step, day=day))
        states.append(desk.state)
    assert states == [
        *(BreachState.NOTIFIED, BreachState.HEARD, BreachState.FOUND),
        *(BreachState.WARNED, BreachState.MENDED),
    ]
    assert [type(event) for event in desk.breaches.published] == [step for step, _ in LADDER]
    assert desk.measurements.steps == {
        f"breach-{word}": 1 for word in ("notified", "heard", "found", "warned", "mended")
    }


@pytest.mark.parametrize("state", list(BreachState))
async def test_from_each_state_exactly_the_steps_that_it_allows_may_be_taken(
    state: BreachState,
) -> None:
    way = {
        BreachState.RETURNED: [returned()],
        BreachState.DISMISSED: [stepped(b.BreachDismissed)],
        BreachState.SANCTIONED: [stepped(b.BreachFound), stepped(b.BreachSanctioned, 41)],
        BreachState.REPAIRED: [stepped(b.BreachFound), REPAIRED],
        BreachState.OVERTURNED: [stepped(b.BreachFound), UPHELD],
    }
    climbed = [stepped(step, 40 + day) for step, day in LADDER]
    way |= {
        states_after(*climbed[:number]): climbed[:number] for number in range(1, len(climbed) + 1)
    }
    for kind, step in STEP_OF.items():
        desk = BreachDesk()
        await desk.told(suspected(), *way.get(state, []))
        assert desk.state is state
        # Long afterwards, so that no term is in the way; a sanction of another kind.
        said: dict[type[b.BreachEvent], dict[str, Any]] = {
            b.BreachNotified: {"hear_by": date(2027, 3, 1)},
            b.BreachWarned: {"mend_by": date(2027, 3, 1)},
            b.BreachSanctioned: {
                "kind": BreachSanction.PENALTY_REFERRAL,
                "referred_to": SUPERVISOR,
            },
        }
        acts = await desk.take(step, day=60, **said.get(step, {}))
        assert done(acts) is (kind in POSSIBLE[state]), (state, kind)
        if acts.refused:
            status, words = why_not(acts)
            assert status == 409
            assert all(STEPS[possible][0] in words for possible in POSSIBLE[state])


async def test_the_same_step_again_is_done_and_another_content_is_refused(
    desk: BreachDesk,
) -> None:
    assert done(await desk.take(b.BreachNotified))
    assert done(await desk.take(b.BreachNotified))
    assert len(desk.breaches.published) == 1
    status, words = why_not(await desk.take(b.BreachNotified, document_number="违2号"))
    assert status == 409
    assert "已告知" in words


async def test_of_two_steps_at_once_one_is_taken(desk: BreachDesk) -> None:
    desk.breaches.rival = stepped(b.BreachDismissed)
    status, words = why_not(await desk.take(b.BreachNotified))
    assert status == 409
    assert "不成立" in words
    assert desk.breaches.published == []


async def test_silence_is_recorded_only_when_the_time_to_speak_is_over(desk: BreachDesk) -> None:
    await desk.take(b.BreachNotified, hear_by=date(2026, 11, 25))
    status, words = why_not(await desk.take(b.BreachHeard, day=5, statement=None))
    assert (status, "2026-11-25" in words) == (409, True)
    assert done(await desk.take(b.BreachHeard, day=6, statement=None))


async def test_nobody_was_told_of_a_suspicion_before_there_was_one(desk: BreachDesk) -> None:
    early: dict[str, Any] = {"on": date(2026, 11, 1), "hear_by": date(2026, 11, 2)}
    status, words = why_not(await desk.take(b.BreachNotified, day=5, **early))
    assert (status, "2026-11-20" in words) == (422, True)
    assert desk.state is BreachState.SUSPECTED


async def test_what_was_warned_is_sanctioned_only_after_its_term_and_as_that_was_moved(
    desk: BreachDesk,
) -> None:
    await climb(desk, b.BreachWarned)
    status, words = why_not(await desk.take(b.BreachSanctioned, day=20))
    assert (status, "2026-12-10" in words) == (409, True)
    await desk.told(
        DeadlineChanged(
            **envelope("extended", 90),
            data=DeadlineChange(
                breach_id=BREACH,
                decision_id=DECISION,
                organisation=BUREAU,
                clock=Clock.BREACH_MENDING,
                cause=DeadlineCause.EXTENDED,
                was_due_on=date(2026, 12, 10),
                due_on=date(2026, 12, 15),
                actor=BUREAU,
            ),
        )
    )
    assert why_not(await desk.take(b.BreachSanctioned, day=25))[0] == 409
    assert done(await desk.take(b.BreachSanctioned, day=26))


async def test_an_annulment_names_an_act_that_annuls_this_very_decision(desk: BreachDesk) -> None:
    await climb(desk, b.BreachFound)
    annulling: dict[str, Any] = {
        "kind": BreachSanction.ANNULMENT,
        "document_number": "撤1号",
        "day": 10,
    }
    status, words = why_not(await desk.take(b.BreachSanctioned, **annulling))
    assert (status, "撤1号" in words) == (422, True)
    amended = decided("amended", kind=DecisionKind.AMENDED)
    annulled = decided("annulled", kind=DecisionKind.ANNULLED)
    await desk.decisions.add([amended])
    assert why_not(await desk.take(b.BreachSanctioned, **annulling))[0] == 422
    await desk.decisions.add([annulled])
    assert done(await desk.take(b.BreachSanctioned, **annulling))
    told = desk.breaches.published[-1]
    assert isinstance(told, b.BreachSanctioned)
    assert told.data.decision_event_id == annulled.id
    assert annulled.data.act == Act(document_number="撤1号", on=date(2026, 11, 21), ground="x")


async def test_a_referral_goes_to_a_supervising_authority_of_the_catalogue(
    desk: BreachDesk,
) -> None:
    await climb(desk, b.BreachFound)
    referral: dict[str, Any] = {"kind": BreachSanction.PENALTY_REFERRAL, "day": 10}
    for stranger in ("11450721XN0721127R", OTHER_BUREAU):
        acts = await desk.take(b.BreachSanctioned, **referral, referred_to=stranger)
        assert why_not(acts)[0] == 422
    assert done(await desk.take(b.BreachSanctioned, **referral, referred_to=SUPERVISOR))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"on": date(2026, 12, 1)}, "on"),
        ({"on": date(2026, 11, 21), "hear_by": date(2026, 11, 21)}, "hear_by"),
    ],
)
async def test_days_that_cannot_be_are_named(
    desk: BreachDesk, said: dict[str, Any], field: str
) -> None:
    status, words = why_not(await desk.take(b.BreachNotified, day=2, **said))
    assert (status, words.startswith(field)) == (422, True)


async def test_a_step_is_not_dated_before_the_one_that_it_follows(desk: BreachDesk) -> None:
    await desk.take(b.BreachNotified, day=3)
    status, words = why_not(await desk.take(b.BreachHeard, day=4, on=date(2026, 11, 22)))
    assert (status, "2026-11-23" in words) == (422, True)


async def test_only_the_bureau_whose_decision_it_is_takes_steps(desk: BreachDesk) -> None:
    for organisation in (OTHER_BUREAU, SUPERVISOR):
        actor = Actor(organisation=organisation, authorities=frozenset())
        for step in (b.BreachNotified, b.BreachSanctioned):
            more: dict[str, Any] = (
                {"kind": BreachSanction.ANNULMENT} if step is b.BreachSanctioned else {}
            )
            assert why_not(await desk.take(step, actor=actor, **more))[0] == 403
    unknown = BreachDesk()
    await unknown.told(stepped(b.BreachHeard))
    assert why_not(await unknown.take(b.BreachFound, day=2))[0] == 404


def test_a_report_is_the_same_step_as_a_finding_or_a_dismissal() -> None:
    assert states_after(suspected(), reported(CONFIRMED)) is BreachState.FOUND
    assert states_after(suspected(), reported(CLEARED)) is BreachState.DISMISSED
    assert states_after(suspected(), reported(ActionOutcome.RESTRICTED)) is BreachState.SUSPECTED
    # The last verdict counts, as it does in credit.
    assert states_after(reported(CONFIRMED, 30), reported(CLEARED, 31)) is BreachState.DISMISSED
    assert states_after(reported(CONFIRMED, 31), reported(CLEARED, 30)) is BreachState.FOUND


def test_a_breach_that_a_report_finds_by_another_result_is_known_by_it() -> None:
    inspection = "linkage.result.inspection-recorded.v1"
    (fact,) = [
        fact
        for fact in facts_of([reported(CONFIRMED, result_type=inspection)])
        if fact.kind is FactKind.BREACH_FOUND
    ]
    raised = Breach(breach_id=BREACH, facts={}).merge([fact]).raised
    assert raised is not None
    assert (raised.authority, raised.detail["supervisor"]) == (BUREAU, SUPERVISOR)


EVENTS: list[Event] = [
    *(suspected(), returned(), reported(CONFIRMED, 30), reported(CLEARED, 33)),
    *(stepped(step, 40 + number) for number, step in enumerate(STEP_OF.values())),
    stepped(b.BreachSanctioned, 50, kind=BreachSanction.PENALTY_REFERRAL),
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(EVENTS), unique_by=lambda event: event.id, max_size=6), st.data())
def test_facts_come_to_the_same_in_every_order_and_however_often(
    events: list[Event], data: st.DataObject
) -> None:
    expected = states_after(*events)
    told = data.draw(st.permutations(events + data.draw(st.permutations(events))))
    assert states_after(*told) is expected


@dataclass(frozen=True)
class Choice:
    """A step tried on some day."""

    kind: FactKind
    days: int
    silent: bool


choices = st.builds(
    Choice,
    kind=st.sampled_from(list(STEPS)),
    days=st.integers(0, 9),
    silent=st.booleans(),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(choices, max_size=12), st.randoms(use_true_random=False))
async def test_whatever_is_tried_only_the_ladder_is_climbed_and_the_log_says_the_same(
    tried: list[Choice], chance: object
) -> None:
    desk, day = BreachDesk(), 0
    await desk.told(suspected())
    for choice in tried:
        day += choice.days
        before, step = desk.state, STEP_OF[choice.kind]
        more: dict[str, Any] = (
            {"statement": None} if step is b.BreachHeard and choice.silent else {}
        )
        acts = await desk.take(step, day=day, **more)
        if acts.refused:
            assert desk.state is before
        elif desk.state is not before:
            assert choice.kind in POSSIBLE[before]
    log = [suspected(), *desk.breaches.published]
    assert len({event.id for event in log}) == len(log)
    chance.shuffle(log)  # type: ignore[attr-defined]
    assert states_after(*log) is desk.state


def test_a_breach_holds_no_linkage_open() -> None:
    loop = [decided(), opened(), delivered(), received(), suspected(), result_received()]
    for order in permutations([stepped(b.BreachNotified), stepped(b.BreachHeard, 41)]):
        linkage = Linkage(decision_id=DECISION, facts={}).merge(facts_of([*loop, *order]))
        assert linkage.state is LinkageState.CLOSED
        assert linkage.closed_at == max(
            fact.at for fact in linkage.all_facts() if not fact.kind.startswith("breach_")
        )
    assert BreachState.NOTIFIED in OPEN


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([stepped(b.BreachFound), REPAIRED], BreachState.REPAIRED),
        ([stepped(b.BreachFound), stepped(b.BreachWarned, 41), REPAIRED], BreachState.REPAIRED),
        ([stepped(b.BreachFound), REPAIRED, REVOKED], BreachState.FOUND),
        ([stepped(b.BreachWarned, 41), REPAIRED, REVOKED], BreachState.WARNED),
        ([stepped(b.BreachFound), UPHELD], BreachState.OVERTURNED),
        ([UPHELD], BreachState.OVERTURNED),
    ],
)
def test_what_credit_says_of_a_breach_holds_whatever_comes_first(
    events: list[Event], state: BreachState
) -> None:
    for order in permutations([suspected(), *events]):
        assert states_after(*order) is state


async def test_a_repaired_breach_is_neither_sanctioned_nor_reported_as_found(
    desk: BreachDesk,
) -> None:
    for step, day in LADDER[:4]:
        assert done(await desk.take(step, day=day))
    await desk.told(REPAIRED)
    status, words = why_not(await desk.take(b.BreachSanctioned, day=60))
    assert (status, "已信用修复" in words) == (409, True)
    with pytest.raises(OutOfOrderError, match="已信用修复"):
        desk.breaches.kept[BREACH].check_confirmable("result")


async def test_a_repair_that_comes_between_a_look_and_a_sanction_wins(desk: BreachDesk) -> None:
    for step, day in LADDER[:3]:
        assert done(await desk.take(step, day=day))
    desk.breaches.rival = REPAIRED
    assert not done(await desk.take(b.BreachSanctioned, day=60))
