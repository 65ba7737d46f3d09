"""Which facts an event tells, and of whom."""

from datetime import date, timedelta
from typing import Any, get_args

import pytest

from credit.domain.derivation import (
    KIND_OF_DECISION,
    KIND_OF_INSPECTION,
    KIND_OF_RECTIFICATION,
    facts_of,
)
from credit.domain.facts import FactKind, name_in
from credit.domain.standing import standing
from linkage_contracts.actions import Refusal, ResultReturned
from linkage_contracts.breaches import (
    BreachDismissed,
    BreachEvent,
    BreachFound,
    BreachNotified,
    BreachSanctioned,
    BreachWarned,
)
from linkage_contracts.codes import (
    ActionOutcome,
    BreachSanction,
    DecisionKind,
    InspectionOutcome,
    PenaltyKind,
    RectificationOutcome,
)
from linkage_contracts.envelope import Event
from linkage_contracts.ids import breach_id, stable_id
from linkage_contracts.repairs import FactsRepaired, Repair
from linkage_contracts.results import CommitmentBroken, InspectionRecorded
from tests.unit.credit_builders import (
    BUREAU,
    PARTY,
    PERSON,
    SUPERVISOR,
    TODAY,
    bars_of,
    broken,
    company,
    decided,
    envelope,
    inspected,
    morning_of,
    penalised,
    person,
    ruled,
)


@pytest.mark.parametrize("kind", DecisionKind)
def test_every_kind_of_decision_is_a_fact_of_its_own_kind(kind: DecisionKind) -> None:
    event = decided("one", kind=kind)
    (fact,) = facts_of(event)
    assert fact.kind == f"licence_{kind}"
    assert (fact.party, fact.party_name) == (PARTY, "灵山县示例餐饮有限公司")
    assert (fact.authority, fact.decision_id) == (BUREAU.id, event.data.decision_id)
    assert (fact.occurred_on, fact.event_id) == (TODAY, event.id)


def test_no_decision_and_no_outcome_is_forgotten() -> None:
    assert KIND_OF_DECISION.keys() == set(DecisionKind)
    assert KIND_OF_INSPECTION.keys() == set(InspectionOutcome)
    assert KIND_OF_RECTIFICATION.keys() == set(RectificationOutcome)


def test_a_licence_on_a_commitment_tells_two_facts_with_two_ids() -> None:
    facts = facts_of(decided("one", promise="经营场所符合要求"))
    assert [fact.kind for fact in facts] == [FactKind.LICENCE_GRANTED, FactKind.COMMITMENT_MADE]
    assert len({fact.fact_id for fact in facts}) == 2


def test_an_amendment_repeats_a_commitment_and_makes_none() -> None:
    (fact,) = facts_of(decided("one", kind=DecisionKind.AMENDED, promise="经营场所符合要求"))
    assert fact.kind is FactKind.LICENCE_AMENDED


def test_a_fact_id_comes_from_its_event_and_kind_so_a_repeat_is_the_same_fact() -> None:
    event = decided("one")
    assert facts_of(event) == facts_of(event)
    assert facts_of(event)[0].fact_id == stable_id("fact", event.id, "licence_granted")


def test_an_inspection_is_dated_by_the_day_of_the_finding_not_of_the_event() -> None:
    event = inspected("one", InspectionOutcome.FAILS, day=date(2026, 3, 1))
    (fact,) = facts_of(event.model_copy(update={"time": morning_of(TODAY)}))
    assert (fact.kind, fact.occurred_on) == (FactKind.INSPECTION_FAILS, date(2026, 3, 1))
    assert fact.authority == SUPERVISOR.id


def test_a_penalty_keeps_all_its_kinds_and_the_fine() -> None:
    (fact,) = facts_of(penalised("one", PenaltyKind.WARNING, PenaltyKind.FINE, fine=20_000))
    assert fact.kind is FactKind.PENALTY_IMPOSED
    assert fact.sanction is not None
    assert fact.sanction.kinds == (PenaltyKind.WARNING, PenaltyKind.FINE)
    assert fact.sanction.fine == 20_000


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (ActionOutcome.BREACH_CONFIRMED, FactKind.BREACH_CONFIRMED),
        (ActionOutcome.BREACH_NOT_CONFIRMED, FactKind.BREACH_CLEARED),
    ],
)
def test_a_verdict_on_a_breach_refers_to_its_result(outcome: ActionOutcome, kind: FactKind) -> None:
    breach = broken("one")
    (fact,) = facts_of(ruled(breach, outcome))
    assert (fact.kind, fact.party, fact.authority) == (kind, PARTY, BUREAU.id)
    assert fact.result_id == breach.data.result_id


def step_of(
    breach: CommitmentBroken, type_: type[BreachEvent], on: date, party: str = PARTY
) -> Event:
    about = {
        "breach_id": breach_id(breach.data.result_id),
        "result_id": breach.data.result_id,
        "decision_id": stable_id("decision", "ruled"),
        "authority": BUREAU.id,
        "supervisor": SUPERVISOR.id,
        "by": "window-3",
        "on": on,
        "document_number": "违认1号",
        "ground": "国办发〔2020〕42号",
    }
    more: dict[type[BreachEvent], dict[str, Any]] = {
        BreachNotified: {"hear_by": on},
        BreachWarned: {"mend_by": on},
        BreachSanctioned: {"kind": BreachSanction.CREDIT_RECORD},
    }
    return type_.model_validate(
        {
            **envelope(f"{type_} {breach.id}", TODAY, party, BUREAU),
            "data": about | more.get(type_, {}),
        }
    )


@pytest.mark.parametrize(
    ("type_", "kind"),
    [(BreachFound, FactKind.BREACH_CONFIRMED), (BreachDismissed, FactKind.BREACH_CLEARED)],
)
def test_a_verdict_of_the_ladder_is_the_same_fact_as_a_reported_one_of_its_own_day(
    type_: type[BreachEvent], kind: FactKind
) -> None:
    breach, day = broken("one"), TODAY - timedelta(days=3)
    (fact,) = facts_of(step_of(breach, type_, day))
    assert (fact.kind, fact.party, fact.authority) == (kind, PARTY, BUREAU.id)
    assert (fact.result_id, fact.occurred_on) == (breach.data.result_id, day)
    assert fact.document_number == "违认1号"
    assert facts_of(step_of(breach, type_, day, party=PERSON)) == ()


def test_what_comes_before_and_after_the_verdict_is_no_fact() -> None:
    others = set(get_args(BreachEvent)) - {BreachFound, BreachDismissed}
    told = [facts_of(step_of(broken("one"), type_, TODAY)) for type_ in others]
    assert told == [()] * 5


def test_the_bar_begins_with_the_finding_and_a_dismissal_leaves_no_mark() -> None:
    breach = broken("one", day=TODAY - timedelta(days=9))
    finding = step_of(breach, BreachFound, TODAY - timedelta(days=2))
    dismissal = step_of(breach, BreachDismissed, TODAY - timedelta(days=1))
    heard = step_of(breach, BreachNotified, TODAY - timedelta(days=5))
    suspicion = [*facts_of(breach), *facts_of(heard)]
    assert bars_of(suspicion, TODAY) == ()
    (bar,) = bars_of([*suspicion, *facts_of(finding)], TODAY)
    assert bar.since == TODAY - timedelta(days=2)
    assert bars_of([*suspicion, *facts_of(finding)], TODAY - timedelta(days=3)) == ()
    # Told twice, as a step and by a report, it is one breach.
    again = [*suspicion, *facts_of(finding), *facts_of(ruled(breach))]
    assert len(bars_of(again, TODAY)) == 1
    later = dismissal.model_copy(update={"time": dismissal.time + timedelta(hours=1)})
    assert standing([*again, *facts_of(later)], TODAY) == ()


def test_a_suspicion_that_the_bureau_returned_counts_no_more() -> None:
    breach, failed = broken("one"), inspected("one", InspectionOutcome.FAILS)
    cleared = facts_of(returned(breach))
    assert [fact.kind for fact in cleared] == [FactKind.BREACH_CLEARED]
    assert standing(facts_of(breach), TODAY)
    assert standing([*facts_of(breach), *cleared], TODAY) == ()
    assert facts_of(returned(failed)) == (), "what was seen on the spot stays seen"


def returned(result: CommitmentBroken | InspectionRecorded) -> ResultReturned:
    data = Refusal(
        result_id=result.data.result_id,
        result_type=result.type,
        decision_id=stable_id("decision", "ruled"),
        authority=BUREAU.id,
        supervisor=SUPERVISOR.id,
        by="window-3",
        reason="不是本机关的许可",
    )
    return ResultReturned(data=data, **envelope(f"returned {result.id}", TODAY, PARTY, BUREAU))


def test_other_reports_of_the_bureau_are_no_facts() -> None:
    others = set(ActionOutcome) - {
        ActionOutcome.BREACH_CONFIRMED,
        ActionOutcome.BREACH_NOT_CONFIRMED,
    }
    assert [facts_of(ruled(broken("one"), outcome)) for outcome in others] == [()] * len(others)


def test_a_verdict_late_in_the_evening_in_utc_is_of_the_next_day_in_china() -> None:
    event = ruled(broken("one"))
    late = event.model_copy(update={"time": event.time + timedelta(hours=15)})
    assert facts_of(late)[0].occurred_on == TODAY + timedelta(days=1)


def test_a_natural_person_gets_no_facts() -> None:
    breach = broken("one", party=person())
    events = (
        decided("one", party=person(), promise="经营场所符合要求"),
        inspected("one", InspectionOutcome.FAILS, party=person()),
        penalised("one", PenaltyKind.FINE, party=person()),
        breach,
        ruled(breach, party=PERSON),
    )
    assert [facts_of(event) for event in events] == [()] * len(events)


def test_a_party_without_a_code_gets_no_facts() -> None:
    unknown = company().model_copy(update={"code": None, "key": "decision:1"})
    assert facts_of(decided("one", party=unknown)) == ()


def test_a_repair_is_a_fact_that_names_what_it_repairs() -> None:
    repaired = (stable_id("fact", "a"), stable_id("fact", "b"))
    event = FactsRepaired(
        data=Repair(
            party=PARTY, facts=repaired, decided_by=BUREAU.id, decided_on=TODAY, ground="已整改"
        ),
        **envelope("one", TODAY, PARTY, BUREAU),
    )
    (fact,) = facts_of(event)
    assert (fact.kind, fact.targets) == (FactKind.FACTS_REPAIRED, repaired)
    assert (fact.occurred_on, fact.authority) == (TODAY, BUREAU.id)


def test_the_newest_name_is_the_partys_name() -> None:
    old = decided("one", party=company(name="旧名"), day=TODAY - timedelta(days=9))
    new = decided("two", party=company(name="新名"))
    nameless = ruled(broken("three"), day=TODAY + timedelta(days=1))
    facts = [fact for event in (nameless, new, old) for fact in facts_of(event)]
    assert name_in(facts) == "新名"
