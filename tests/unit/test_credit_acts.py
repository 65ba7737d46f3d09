"""Acts on credit facts over the API: corrected, disputed, listed, repaired."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from credit.domain.facts import FactKind, fact_id
from linkage_contracts.codes import InspectionOutcome, PenaltyKind, RiskClass
from linkage_contracts.ids import stable_id
from linkage_contracts.repairs import FactsRepaired
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.access import Scope
from linkage_runtime.errors import OutcomeUnknownError, TransientError
from tests.unit.credit_builders import (
    BUREAU,
    PARTY,
    PERSON,
    SUPERVISOR,
    TODAY,
    broken,
    decided,
    inspected,
    penalised,
    ruled,
)
from tests.unit.credit_desk import MATERIAL, Service

YESTERDAY = TODAY - timedelta(days=1)
LICENCE = decided("licence", day=YESTERDAY)
PENALTY = penalised("penalty", PenaltyKind.FINE, fine=20_000, day=YESTERDAY)
PENALTY_ID = fact_id(PENALTY.id, FactKind.PENALTY_IMPOSED)
FAILED = inspected("failed", InspectionOutcome.FAILS, day=YESTERDAY)
FAILED_ID = fact_id(FAILED.id, FactKind.INSPECTION_FAILS)
BREACH = broken("breach", day=YESTERDAY)
CONFIRMED = ruled(BREACH)
CONFIRMED_ID = fact_id(CONFIRMED.id, FactKind.BREACH_CONFIRMED)
NOBODYS = stable_id("fact", "nobody's")


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        await service.read(LICENCE, PENALTY, FAILED, BREACH, CONFIRMED)
        yield service


def points(service: Service) -> int:
    return service.ratings.stored[PARTY].points


async def act(service: Service, path: str, **body: Any) -> str:
    """Do it, let the worker read it; returns the act's id."""
    answer = await service.act(path, **body)
    assert answer.status_code == 202, answer.text
    await service.read_acts()
    return str(answer.json()["event_id"])


async def test_a_withdrawn_fact_counts_on_no_day_and_the_rating_follows(service: Service) -> None:
    assert points(service) == 15 + 8 + 30
    await act(service, f"facts/{PENALTY_ID}/withdrawal")
    assert points(service) == 8 + 30
    url = f"/v1/parties/{PARTY}/rating"
    then = (await service.http.get(url, params={"on": YESTERDAY.isoformat()})).json()
    assert then["points"] == 8


async def test_a_corrected_fine_and_day_hold_from_the_beginning(service: Service) -> None:
    await act(service, f"facts/{PENALTY_ID}/corrections", fine="500.00")
    assert points(service) == 5 + 8 + 30
    await act(service, f"facts/{PENALTY_ID}/corrections", occurred_on="2026-08-01")
    assert points(service) == 8 + 30, "a minor penalty of August is past its 90 days"
    facts = (await service.http.get(f"/v1/parties/{PARTY}/facts")).json()["facts"]
    (shown,) = [fact for fact in facts if fact["fact_id"] == PENALTY_ID]
    assert (shown["fine"], shown["occurred_on"]) == ("500.00", "2026-08-01")


@pytest.mark.parametrize(
    ("fact", "body"),
    [
        (PENALTY_ID, {}),
        (FAILED_ID, {"fine": 1}),
        (PENALTY_ID, {"fine": -1}),
        (PENALTY_ID, {"kinds": []}),
        (PENALTY_ID, {"occurred_on": (TODAY + timedelta(days=1)).isoformat()}),
        (PENALTY_ID, {"occurred_on": "9999-12-31"}),
        (PENALTY_ID, {"occurred_on": "0001-01-01"}),
        (PENALTY_ID, {"occurred_on": 20261101}),
    ],
    ids=[
        *("nothing", "a fine of no penalty", "less than nothing", "no kind"),
        *("a day to come", "beyond reckoning", "before reckoning", "seconds since 1970"),
    ],
)
async def test_a_correction_that_corrects_nothing_is_refused(
    service: Service, fact: str, body: dict[str, Any]
) -> None:
    answer = await service.act(f"facts/{fact}/corrections", **body)
    assert answer.status_code == 422
    assert not service.publisher.on[CREDIT_ACTS.name]


async def test_an_id_number_stands_in_no_ground_and_control_characters_are_left_out(
    service: Service,
) -> None:
    path = f"facts/{PENALTY_ID}/withdrawal"
    refused = await service.act(path, ground="依据11010519491231002X的申请")
    assert (refused.status_code, "11010519491231002X" in refused.text) == (422, False)
    await act(service, path, ground="\u0000依法办理\u0007")
    (event,) = service.publisher.on[CREDIT_ACTS.name]
    assert event.data.ground == "依法办理"


async def test_a_repair_whose_materials_no_topic_would_take_is_refused(service: Service) -> None:
    for endless in ({"uri": "x" * 100_000}, {"name": "x" * 100_000}):
        answer = await service.apply(FAILED_ID, materials=[MATERIAL | endless])
        assert answer.status_code == 422
    assert (await service.apply(FAILED_ID)).status_code == 202


async def test_what_was_repaired_or_taken_back_is_published_no_longer(service: Service) -> None:
    async def shown(fact: str) -> tuple[str | None, str | None, str | None]:
        facts = (await service.http.get(f"/v1/parties/{PARTY}/facts")).json()["facts"]
        (told,) = [each for each in facts if each["fact_id"] == fact]
        return told["repairable_from"], told["published_until"], told["ended_on"]

    assert await shown(FAILED_ID) == (YESTERDAY.isoformat(), "2027-02-22", None)
    await service.repair(FAILED_ID)
    await service.read_acts()
    assert await shown(FAILED_ID) == (None, TODAY.isoformat(), TODAY.isoformat())
    await act(service, f"facts/{PENALTY_ID}/withdrawal")
    assert await shown(PENALTY_ID) == (None, None, None)


async def test_only_the_source_of_a_fact_or_the_credit_office_takes_it_back(
    service: Service,
) -> None:
    path = f"facts/{PENALTY_ID}/withdrawal"
    assert (await service.act(path, key="bureau")).status_code == 403
    assert (await service.act(path, key="supervisor")).status_code == 202


async def test_what_was_taken_back_cannot_be_taken_back_again(service: Service) -> None:
    await act(service, f"facts/{PENALTY_ID}/withdrawal")
    again = await service.act(f"facts/{PENALTY_ID}/withdrawal")
    assert (again.status_code, again.json()["status"]) == (200, "known")
    other = await service.act(f"facts/{PENALTY_ID}/withdrawal", ground="另一理由")
    assert other.status_code == 409


async def test_an_objection_upheld_takes_the_fact_away_and_one_rejected_does_not(
    service: Service,
) -> None:
    first = await act(service, f"facts/{PENALTY_ID}/objections")
    second = await act(service, f"facts/{FAILED_ID}/objections")
    assert points(service) == 15 + 8 + 30, "an objection alone changes nothing"
    await act(service, f"objections/{first}/decision", is_upheld=True)
    await act(service, f"objections/{second}/decision", is_upheld=False)
    assert points(service) == 8 + 30
    both = await service.act(f"objections/{first}/decision", is_upheld=False)
    assert both.status_code == 409
    again = await service.act(f"objections/{first}/decision", is_upheld=True)
    assert (again.status_code, again.json()["status"]) == (200, "known")


async def test_an_objection_is_answered_by_who_found_the_fact(service: Service) -> None:
    objection = await act(service, f"facts/{PENALTY_ID}/objections", key="bureau")
    path = f"objections/{objection}/decision"
    assert (await service.act(path, key="bureau", is_upheld=True)).status_code == 403
    assert (await service.act(path, key="supervisor", is_upheld=True)).status_code == 202


async def listed(service: Service, code: str, day: str = YESTERDAY.isoformat()) -> str:
    entry = await act(service, f"lists/{code}", entered_on=day)
    return fact_id(entry, FactKind.LISTED)


async def test_who_is_on_the_serious_violation_list_is_d_and_barred_until_the_term_ends(
    service: Service,
) -> None:
    fact = await listed(service, "serious_violation")
    rating = service.ratings.stored[PARTY]
    assert (rating.risk_class, rating.reasons[-1].facts) == (RiskClass.HIGH, (fact,))
    answer = (await service.ask()).json()
    (bar,) = [bar for bar in answer["bars"] if bar["fact"] == fact]
    assert "2029-11-22" in bar["remedy"]
    service.clock += timedelta(days=3 * 365)
    assert fact not in str((await service.ask()).json()), "it ends by itself"


async def test_a_natural_person_is_entered_on_no_list(service: Service) -> None:
    body = {"ground": "依法办理", "entered_on": YESTERDAY.isoformat()}
    answer = await service.http.post(f"/v1/parties/{PERSON}/lists/serious_violation", json=body)
    assert answer.status_code == 422
    assert not service.publisher.on[CREDIT_ACTS.name]


async def test_an_entry_is_removed_not_before_its_list_allows(service: Service) -> None:
    fact = await listed(service, "serious_violation")
    early = await service.act(f"list-entries/{fact}/removal")
    assert (early.status_code, "2027-11-22" in early.json()["detail"]) == (422, True)
    service.clock += timedelta(days=366)
    await act(service, f"list-entries/{fact}/removal")
    assert service.ratings.stored[PARTY].risk_class is not RiskClass.HIGH
    other = await service.act(f"list-entries/{fact}/removal", ground="另一理由")
    assert other.status_code == 409


async def test_an_objection_suspends_an_entry_only_where_the_list_says_so(
    service: Service,
) -> None:
    black = await listed(service, "industry_black")
    serious = await listed(service, "serious_violation")
    for fact in (black, serious):
        await act(service, f"facts/{fact}/objections", key="supervisor")
    assert black not in str((await service.ask()).json())
    assert serious in str((await service.ask()).json())
    objection = stable_id("objection", PARTY, black, SUPERVISOR.id, "依法办理")
    await act(service, f"objections/{objection}/decision", is_upheld=False)
    assert black in str((await service.ask()).json())


async def test_a_red_list_bars_nobody_and_speaks_for_the_party(service: Service) -> None:
    before = points(service)
    fact = await listed(service, "industry_red")
    assert points(service) == before - 2
    assert fact not in str((await service.ask()).json())
    assert (await service.apply(fact)).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "lists/unknown_list",
        "lists/industry_black",
        f"list-entries/{PENALTY_ID}/removal",
        "overdue-supplements",
    ],
)
async def test_what_cannot_be_listed_removed_or_overdue_is_refused(
    service: Service, path: str
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "lists/unknown_list": {"entered_on": "2026-11-01"},
        "lists/industry_black": {"entered_on": "2026-11-24"},
        "overdue-supplements": {
            "decision_id": LICENCE.data.decision_id,
            "due_on": TODAY.isoformat(),
            "missing": ["健康证明"],
        },
    }
    assert (await service.act(path, **bodies.get(path, {}))).status_code == 422
    assert not service.publisher.on[CREDIT_ACTS.name]


@pytest.mark.parametrize(
    "path",
    [
        f"facts/{NOBODYS}/withdrawal",
        f"facts/{NOBODYS}/corrections",
        f"facts/{NOBODYS}/objections",
        f"objections/{NOBODYS}/decision",
        f"list-entries/{NOBODYS}/removal",
        f"repairs/{NOBODYS}/decisions",
    ],
)
async def test_what_was_not_read_yet_is_404_and_may_be_tried_again(
    service: Service, path: str
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "corrections": {"fine": 1},
        "decision": {"is_upheld": True},
    }
    bodies["decisions"] = {"is_granted": True}
    answer = await service.act(path, **bodies.get(path.rpartition("/")[2], {}))
    assert (answer.status_code, answer.headers["Retry-After"]) == (404, "5")


async def test_a_repair_is_on_the_log_first_and_counts_when_it_was_read(service: Service) -> None:
    answer = await service.repair(CONFIRMED_ID)
    event = service.publisher.on[CREDIT_ACTS.name][-1]
    assert isinstance(event, FactsRepaired)
    assert (answer.status_code, answer.json()["event_id"]) == (202, event.id)
    assert (event.data.facts, event.data.decided_by) == ((CONFIRMED_ID,), SUPERVISOR.id)
    assert (await service.ask()).json()["eligible"] is False
    await service.read_acts()
    assert (await service.ask()).json()["eligible"] is True
    assert points(service) == 15 + 8


async def test_one_form_serves_every_authority_and_each_decides_for_its_own(
    service: Service,
) -> None:
    form = await service.apply(CONFIRMED_ID, FAILED_ID)
    case = form.json()["event_id"]
    await service.read_acts()
    decide = f"repairs/{case}/decisions"
    await act(service, decide, key="bureau", is_granted=True)
    assert points(service) == 15 + 8
    await act(service, decide, key="supervisor", is_granted=False, ground="尚未整改")
    assert points(service) == 15 + 8
    shown = (await service.http.get(f"/v1/parties/{PARTY}/repairs")).json()
    (proof,) = shown["applications"]
    told = {each["by"]: (each["is_granted"], each["facts"]) for each in proof["decisions"]}
    assert told == {BUREAU.id: (True, [CONFIRMED_ID]), SUPERVISOR.id: (False, [FAILED_ID])}
    granted = next(each for each in proof["decisions"] if each["is_granted"])
    assert len(granted["effects"]) == 3
    assert proof["waiting"] == []
    assert proof["application"]["commitment"] == "承诺守法诚信经营"


async def test_the_credit_office_decides_what_no_authority_has_decided_yet(
    service: Service,
) -> None:
    case = (await service.apply(CONFIRMED_ID, FAILED_ID)).json()["event_id"]
    await service.read_acts()
    await act(service, f"repairs/{case}/decisions", key="bureau", is_granted=True)
    answer = await service.act(f"repairs/{case}/decisions", is_granted=True, ground="信用办办理")
    event = service.publisher.on[CREDIT_ACTS.name][-1]
    assert (answer.status_code, event.data.facts) == (202, (FAILED_ID,))
    await service.read_acts()
    shown = (await service.http.get(f"/v1/parties/{PARTY}/repairs")).json()
    assert shown["applications"][0]["waiting"] == []
    third = await service.act(f"repairs/{case}/decisions", key="supervisor", is_granted=True)
    assert third.json()["event_id"] == event.id, "the office acted for this organisation"


async def test_ordinary_information_is_repairable_after_three_months_and_no_earlier(
    service: Service,
) -> None:
    early = await service.apply(PENALTY_ID)
    assert early.status_code == 422
    assert "2027-02-22" in early.json()["detail"]
    assert "第36号" in early.json()["detail"]
    service.clock += timedelta(days=91)
    assert (await service.apply(PENALTY_ID)).status_code == 202


@pytest.mark.parametrize("left_out", [{"commitment": ""}, {"materials": []}])
async def test_without_public_commitment_or_materials_there_is_no_application(
    service: Service, left_out: dict[str, Any]
) -> None:
    form = {"commitment": "承诺守法诚信经营", "materials": [MATERIAL]} | left_out
    answer = await service.act("repairs", facts=[CONFIRMED_ID], **form)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/" + next(iter(left_out))


async def test_an_authority_without_a_fact_in_the_form_decides_nothing(service: Service) -> None:
    case = (await service.apply(FAILED_ID)).json()["event_id"]
    await service.read_acts()
    answer = await service.act(f"repairs/{case}/decisions", key="bureau", is_granted=True)
    assert answer.status_code == 403


async def test_the_same_repair_again_is_the_same_and_another_is_409(service: Service) -> None:
    first = await service.repair(CONFIRMED_ID)
    again = await service.repair(CONFIRMED_ID)
    assert again.json()["event_id"] == first.json()["event_id"]
    assert (again.status_code, again.json()["status"]) == (200, "known")
    other = await service.apply(CONFIRMED_ID, ground="另一理由")
    assert (other.status_code, other.json()["facts"]) == (409, [CONFIRMED_ID])


async def test_a_repair_of_good_facts_is_refused_and_names_them(service: Service) -> None:
    licence = fact_id(LICENCE.id, FactKind.LICENCE_GRANTED)
    good = await service.apply(licence, CONFIRMED_ID)
    assert (good.status_code, good.json()["facts"]) == (422, [licence])


@pytest.mark.parametrize(
    "failure", [OutcomeUnknownError("no answer"), TransientError("Kafka is away")]
)
async def test_an_act_that_kafka_did_not_take_is_503_with_what_to_do(
    service: Service, failure: Exception
) -> None:
    service.publisher.failures.append(failure)
    answer = await service.apply(CONFIRMED_ID)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "repeat the same body" in answer.json()["detail"]


async def test_acts_need_their_scope(service: Service) -> None:
    for scope in Scope:
        answer = await service.act(f"facts/{FAILED_ID}/withdrawal", key=str(scope))
        may = scope in {Scope.ACT_ON_CREDIT, Scope.REPAIR_CREDIT}
        assert (answer.status_code != 403) is may, scope


async def test_facts_tell_the_terms_of_repair(service: Service) -> None:
    facts = (await service.http.get(f"/v1/parties/{PARTY}/facts")).json()["facts"]
    terms = {f["fact_id"]: (f["repairable_from"], f["published_until"]) for f in facts}
    assert terms[PENALTY_ID] == ("2027-02-22", "2027-11-22")
    assert terms[FAILED_ID] == ("2026-11-22", "2027-02-22")
    assert terms[fact_id(LICENCE.id, FactKind.LICENCE_GRANTED)] == (None, None)
