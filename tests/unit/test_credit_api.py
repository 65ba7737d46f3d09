"""What the API answers, over stores in memory."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from credit.domain.facts import FactKind, fact_id
from credit.domain.scorecard import Scorecard, Scorecards, State
from linkage_contracts.identity import uscc_check_digit
from linkage_runtime.access import Scope
from tests.unit import credit_desk
from tests.unit.credit_builders import PARTY, PERSON, TODAY, broken, decided, ruled
from tests.unit.credit_desk import CARD, CARDS, Service

BREACH = broken("breach", day=TODAY - timedelta(days=1))
CONFIRMED = ruled(BREACH)
LICENCE = decided("licence", day=TODAY - timedelta(days=2), promise="经营场所符合要求")
CONFIRMED_ID = fact_id(CONFIRMED.id, FactKind.BREACH_CONFIRMED)
STRANGER = "91450721MB0000001" + uscc_check_digit("91450721MB0000001")


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        yield service


async def test_a_rating_says_that_it_is_internal_and_why_it_is_what_it_is(
    service: Service,
) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    answer = (await service.http.get(f"/v1/parties/{PARTY}/rating")).json()
    assert "内部监管参考" in answer["notice"]
    assert "not public" in answer["notice"]
    assert (answer["risk_class"], answer["points"]) == ("C", 30)
    assert [reason["facts"] for reason in answer["reasons"]] == [[CONFIRMED_ID]] * 2
    (change,) = answer["class_changes"]
    assert (change["previous_class"], change["risk_class"]) == ("B", "C")


async def test_a_rating_can_be_asked_for_any_day(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    url = f"/v1/parties/{PARTY}/rating"
    before = (await service.http.get(url, params={"on": "2026-11-22"})).json()
    later = (await service.http.get(url, params={"on": "2029-11-22"})).json()
    assert (before["risk_class"], before["bars"], before["as_of"]) == ("B", [], "2026-11-22")
    assert (later["risk_class"], later["points"], len(later["bars"])) == ("B", 0, 1)


async def test_a_rating_says_what_it_rests_on_what_will_come_and_what_would_move_it_up(
    service: Service,
) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    answer = (await service.http.get(f"/v1/parties/{PARTY}/rating")).json()
    assert answer["decided_by"] == "bands"
    (share,) = answer["shares"]
    assert (share["fact"], share["points"], share["counted"]) == (CONFIRMED_ID, 30, True)
    assert share["ends_on"] == (TODAY + timedelta(days=1_095)).isoformat()
    assert answer["ways_up"]["repair"] == [CONFIRMED_ID]
    assert answer["ways_up"]["repaired_class"] == "B"
    assert answer["ways_up"]["waiting"]["risk_class"] == "B"
    assert answer["to_come"][-1]["points"] == 0


async def test_a_rating_can_be_asked_for_in_another_domain(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    url = f"/v1/parties/{PARTY}/rating"
    bidding = (await service.http.get(url, params={"domain": "construction-bidding"})).json()
    assert bidding["scorecard"] == "construction-bidding-2026.1"
    assert bidding["domains"] == ["general"], "it is licensed in no other"
    food = await service.http.get(url, params={"domain": "food"})
    assert food.status_code == 404, "no licence for food is known"
    stranger = await service.http.get(url, params={"domain": "astrology"})
    assert (stranger.status_code, "food" in stranger.json()["detail"]) == (404, True)


async def test_a_rating_can_be_asked_for_by_the_scorecard_that_was_in_force_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    milder = [line for line in CARD.criteria if line.code != "breach_confirmed"]
    changed = {"version": "general-2025.1", "state": State.RETIRED, "criteria": milder}
    before = Scorecard.model_validate(CARD.model_dump() | changed | {"hard_rules": ()})
    monkeypatch.setattr(credit_desk, "CARDS", Scorecards((*CARDS.cards, before)))
    service = Service(monkeypatch)
    async with service.http:
        await service.read(LICENCE, BREACH, CONFIRMED)
        url = f"/v1/parties/{PARTY}/rating"
        then = (await service.http.get(url, params={"scorecard": "general-2025.1"})).json()
        assert (then["scorecard"], then["risk_class"], then["points"]) == ("general-2025.1", "B", 0)
        for stranger in ("general-2024.1", "food-2026.1"):
            unknown = await service.http.get(url, params={"scorecard": stranger})
            assert unknown.status_code == 404
            assert "general-2025.1" in unknown.json()["detail"]


async def test_a_day_that_is_none_is_explained(service: Service) -> None:
    answer = await service.http.get(f"/v1/parties/{PARTY}/rating", params={"on": "yesterday"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/on"


@pytest.mark.parametrize("what", ["rating", "facts"])
async def test_an_unknown_party_is_404_and_a_person_is_said_not_to_be_rated(
    service: Service, what: str
) -> None:
    unknown = await service.http.get(f"/v1/parties/{PARTY}/{what}")
    nobody = await service.http.get(f"/v1/parties/{PERSON}/{what}")
    assert (unknown.status_code, nobody.status_code) == (404, 404)
    assert "不评级" in nobody.json()["detail"]
    assert unknown.json()["detail"] != nobody.json()["detail"]


async def test_facts_are_listed_newest_first_with_whether_they_count(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    answer = (await service.http.get(f"/v1/parties/{PARTY}/facts", params={"limit": 2})).json()
    assert answer["total"] == 4
    assert [fact["kind"] for fact in answer["facts"]] == ["breach_confirmed", "breach_found"]
    assert all(fact["counts"] for fact in answer["facts"])
    assert answer["facts"][0]["event_id"] == CONFIRMED.id


async def test_a_confirmed_breach_bars_and_says_how_it_ends_but_never_the_class(
    service: Service,
) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    answer = (await service.ask(item="000131001000")).json()
    assert answer["eligible"] is False
    assert answer["item"] == "000131001000"
    (bar,) = answer["bars"]
    assert (bar["fact"], bar["since"]) == (CONFIRMED_ID, TODAY.isoformat())
    assert bar["ground"]
    assert bar["remedy"]
    assert not {"risk_class", "points", "reasons"} & answer.keys()


async def test_who_is_unknown_or_only_suspected_is_eligible(service: Service) -> None:
    await service.read(LICENCE, BREACH)
    for party in (PARTY, STRANGER):
        answer = (await service.ask(party)).json()
        assert (answer["eligible"], answer["rated"], answer["bars"]) == (True, True, [])


async def test_a_natural_person_is_eligible_and_said_not_to_be_rated(service: Service) -> None:
    answer = (await service.ask(PERSON)).json()
    assert (answer["eligible"], answer["rated"]) == (True, False)
    assert "不评级" in answer["note"]


@pytest.mark.parametrize("party", ["91450721MA55AMPL14", "450721199001011239", "张三", ""])
async def test_what_is_no_party_is_refused_without_repeating_it(
    service: Service, party: str
) -> None:
    answer = await service.ask(party)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/party"
    assert not party or party not in answer.text


async def test_an_answer_about_tolerance_is_another_than_about_commitment(service: Service) -> None:
    await service.read(LICENCE)
    due = (TODAY - timedelta(days=1)).isoformat()
    late = {"decision_id": LICENCE.data.decision_id, "due_on": due, "missing": ["健康证明"]}
    assert (await service.act("overdue-supplements", key="bureau", **late)).status_code == 202
    await service.read_acts()
    commitment, tolerance = (
        (await service.ask()).json(),
        (await service.ask(use="tolerance")).json(),
    )
    assert (commitment["eligible"], commitment["use"]) == (True, "commitment")
    assert (tolerance["eligible"], tolerance["use"]) == (False, "tolerance")
    assert "容缺" in tolerance["bars"][0]["ground"]
    assert "Supply what is owed" in tolerance["bars"][0]["remedy"]


async def test_the_counts_of_classes_have_every_class(service: Service) -> None:
    await service.read(LICENCE)
    answer = (await service.http.get("/v1/classes")).json()
    assert answer["classes"] == {"A": 0, "B": 1, "C": 0, "D": 0}
    assert (answer["parties"], answer["scorecard"]) == (1, "general-2026.1")


async def test_a_class_that_a_repair_undid_on_the_same_day_is_no_change(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    await service.repair(CONFIRMED_ID)
    await service.read_acts()
    assert (await service.http.get("/v1/class-changes")).json()["changes"] == []


async def test_who_changed_class_last_comes_first(service: Service) -> None:
    other = ruled(broken("other"), party=STRANGER, day=TODAY - timedelta(days=3))
    await service.read(LICENCE, other, CONFIRMED)
    changes = (await service.http.get("/v1/class-changes")).json()["changes"]
    told = [(each["party"], each["previous_class"], each["class_since"]) for each in changes]
    assert told == [(PARTY, "B", "2026-11-23"), (STRANGER, "B", "2026-11-20")]
    assert changes[1]["reasons"][0]["criterion"] == "breach_confirmed"
    one = (await service.http.get("/v1/class-changes", params={"limit": 1})).json()["changes"]
    assert one == changes[:1]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", f"/v1/parties/{PARTY}/rating", Scope.READ_RATINGS),
        ("GET", f"/v1/parties/{PARTY}/facts", Scope.READ_RATINGS),
        ("GET", "/v1/classes", Scope.READ_RATINGS),
        ("GET", "/v1/class-changes", Scope.READ_RATINGS),
        ("POST", "/v1/eligibility", Scope.ASK_ELIGIBILITY),
        ("POST", "/v1/eligibility:batch", Scope.ASK_ELIGIBILITY),
        ("GET", f"/v1/parties/{PARTY}/incentives", Scope.ASK_ELIGIBILITY),
        ("GET", "/v1/monthly-reports", Scope.READ_RATINGS),
        ("POST", "/v1/draws", Scope.DRAW_SAMPLES),
    ],
)
async def test_every_endpoint_needs_its_own_scope(
    service: Service, method: str, path: str, scope: Scope
) -> None:
    async def status(key: str | None) -> int:
        headers = {"Authorization": f"Bearer {key}" if key else ""}
        return (await service.http.request(method, path, json={}, headers=headers)).status_code

    assert await status(None) == await status("made up") == 401
    others = {str(each) for each in Scope} - {str(scope)}
    assert {await status(each) for each in others} == {403}
    assert await status(str(scope)) not in {401, 403}


async def test_the_openapi_document_shows_every_endpoint_and_what_it_answers(
    service: Service,
) -> None:
    document = (await service.http.get("/v1/openapi.json")).json()
    party = "/v1/parties/{party}"
    assert set(document["paths"]) == {
        f"{party}/rating",
        f"{party}/facts",
        f"{party}/facts/{{fact}}/withdrawal",
        f"{party}/facts/{{fact}}/corrections",
        f"{party}/facts/{{fact}}/objections",
        f"{party}/objections/{{objection}}/decision",
        f"{party}/lists/{{list_code}}",
        f"{party}/list-entries/{{fact}}/removal",
        f"{party}/overdue-supplements",
        f"{party}/repairs",
        f"{party}/repairs/{{application}}/decisions",
        f"{party}/repairs/{{application}}/withdrawal",
        f"{party}/repair-decisions/{{repair}}/revocation",
        f"{party}/objections/{{objection}}/withdrawal",
        "/v1/cases",
        "/v1/lists/{list_code}/entries",
        "/v1/cases/{case_id}",
        "/v1/eligibility",
        "/v1/eligibility:batch",
        f"{party}/incentives",
        "/v1/monthly-reports",
        "/v1/draws",
        "/v1/draws/{draw_id}",
        "/v1/draws/{draw_id}/opening",
        "/v1/draws/{draw_id}/check",
        "/v1/classes",
        "/v1/class-changes",
    }
    schemas = document["components"]["schemas"]
    assert "risk_class" in schemas["RatingAnswer"]["properties"]
    assert "risk_class" not in schemas["EligibilityAnswer"]["properties"]
