"""What the API answers, over stores in memory."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from credit.application.answer_eligibility import answer_eligibility
from credit.application.explain_rating import explain_rating
from credit.application.gather_facts import gather_facts
from credit.application.rate_parties import rate_parties
from credit.application.repair_credit import RepairCredit, RepairRecorded, repair_credit
from credit.bootstrap import Credit
from credit.domain.derivation import fact_id
from credit.domain.facts import FactKind
from credit.entrypoints import counter_routes, rating_routes
from credit.entrypoints.api import build
from linkage_contracts.envelope import Event
from linkage_contracts.identity import uscc_check_digit
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import FactsRepaired
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.errors import OutcomeUnknownError, TransientError
from tests.unit.credit_builders import (
    NOON,
    PARTY,
    PERSON,
    SUPERVISOR,
    TODAY,
    FactsInMemory,
    PublishedEvents,
    RatingsInMemory,
    broken,
    decided,
    ruled,
    scorecard,
)

CARD = scorecard()
BREACH = broken("breach", day=TODAY - timedelta(days=1))
CONFIRMED = ruled(BREACH)
LICENCE = decided("licence", day=TODAY - timedelta(days=2), promise="经营场所符合要求")
CONFIRMED_ID = fact_id(CONFIRMED.id, FactKind.BREACH_CONFIRMED)
ALL = frozenset(str(scope) for scope in Scope)
STRANGER = "91450721MB0000001" + uscc_check_digit("91450721MB0000001")


class KeysInMemory(ApiKeys):
    """One key for each set of scopes: the key is the scopes."""

    def __init__(self) -> None:
        self.scopes = {"all": ALL} | {str(scope): frozenset({str(scope)}) for scope in Scope}

    async def caller(self, presented: str) -> Caller | None:
        if presented not in self.scopes:
            return None
        return Caller(
            key_id="1",
            organisation=SUPERVISOR.id,
            name=SUPERVISOR.name,
            scopes=self.scopes[presented],
            authorities=frozenset(),
        )


class Service:
    """The API, and the worker behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.facts, self.ratings = FactsInMemory(), RatingsInMemory()
        self.publisher = PublishedEvents()
        for routes in (rating_routes, counter_routes):
            monkeypatch.setattr(routes, "today", lambda: TODAY)
        transport = httpx.ASGITransport(app=build(self._credit()), raise_app_exceptions=False)
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://credit", headers={"Authorization": "Bearer all"}
        )

    def _credit(self) -> Credit:
        async def repair(command: RepairCredit) -> RepairRecorded:
            return await repair_credit(command, facts=self.facts, publisher=self.publisher, at=NOON)

        async def nothing() -> None:
            return None

        return Credit(
            explain=partial(explain_rating, facts=self.facts, ratings=self.ratings, scorecard=CARD),
            facts_of=self.facts.of_party,
            eligibility=partial(answer_eligibility, facts=self.facts),
            repair=repair,
            class_counts=self.ratings.class_counts,
            newest_changes=self.ratings.newest_changes,
            scorecard=CARD,
            api_keys=KeysInMemory(),
            checks={},
            close=nothing,
        )

    async def read(self, *events: Event) -> None:
        """Let the worker read these, one batch each."""
        for event in events:
            gathered = await gather_facts([event], facts=self.facts)
            await rate_parties(
                gathered.parties,
                facts=self.facts,
                ratings=self.ratings,
                publisher=self.publisher,
                scorecard=CARD,
                at=NOON,
            )

    async def repair(self, **body: Any) -> httpx.Response:
        request = {"facts": [CONFIRMED_ID], "ground": "已整改，依法修复"} | body
        return await self.http.post(f"/v1/parties/{PARTY}/repairs", json=request)

    async def ask(self, party: str = PARTY, **more: str) -> httpx.Response:
        return await self.http.post("/v1/eligibility", json={"party": party} | more)


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


async def test_a_repair_is_on_the_log_first_and_counts_when_it_was_read(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    answer = await service.repair()
    (event,) = service.publisher.on[CREDIT_ACTS.name]
    assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
    assert isinstance(event, FactsRepaired)
    assert (event.id, event.partitionkey) == (answer.json()["event_id"], PARTY)
    assert (event.data.facts, event.data.decided_by) == ((CONFIRMED_ID,), SUPERVISOR.id)
    assert (await service.ask()).json()["eligible"] is False
    await service.read(event)
    assert (await service.ask()).json()["eligible"] is True
    assert service.ratings.stored[PARTY].points == 0


async def test_the_same_repair_again_is_the_same_repair(service: Service) -> None:
    await service.read(BREACH, CONFIRMED)
    first = await service.repair()
    again = await service.repair()
    assert again.json() == first.json()
    await service.read(*service.publisher.on[CREDIT_ACTS.name])
    known = await service.repair()
    assert (known.status_code, known.json()["status"]) == (200, "known")
    assert known.json()["event_id"] == first.json()["event_id"]


async def test_another_repair_of_a_repaired_fact_is_409_and_names_it(service: Service) -> None:
    await service.read(BREACH, CONFIRMED)
    await service.repair()
    await service.read(*service.publisher.on[CREDIT_ACTS.name])
    answer = await service.repair(ground="另一理由")
    assert (answer.status_code, answer.json()["facts"]) == (409, [CONFIRMED_ID])


async def test_a_repair_of_unknown_facts_is_404_and_of_good_ones_422(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    stray = stable_id("fact", "nobody's")
    licence = fact_id(LICENCE.id, FactKind.LICENCE_GRANTED)
    unknown = await service.repair(facts=[CONFIRMED_ID, stray])
    good = await service.repair(facts=[licence])
    assert (unknown.status_code, unknown.json()["facts"]) == (404, [stray])
    assert unknown.headers["Retry-After"] == "5"
    assert (good.status_code, good.json()["facts"]) == (422, [licence])
    assert not service.publisher.on[CREDIT_ACTS.name]


@pytest.mark.parametrize(
    "failure", [OutcomeUnknownError("no answer"), TransientError("Kafka is away")]
)
async def test_a_repair_that_kafka_did_not_take_is_503_with_what_to_do(
    service: Service, failure: Exception
) -> None:
    await service.read(BREACH, CONFIRMED)
    service.publisher.failures.append(failure)
    answer = await service.repair()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "repeat the same body" in answer.json()["detail"]


async def test_the_counts_of_classes_have_every_class(service: Service) -> None:
    await service.read(LICENCE)
    answer = (await service.http.get("/v1/classes")).json()
    assert answer["classes"] == {"A": 0, "B": 1, "C": 0, "D": 0}
    assert (answer["parties"], answer["scorecard"]) == (1, "general-2026.1")


async def test_the_newest_changes_come_first_with_their_reasons(service: Service) -> None:
    await service.read(LICENCE, BREACH, CONFIRMED)
    await service.repair()
    await service.read(*service.publisher.on[CREDIT_ACTS.name])
    changes = (await service.http.get("/v1/class-changes")).json()["changes"]
    assert [(each["previous_class"], each["risk_class"]) for each in changes] == [
        ("C", "B"),
        ("B", "C"),
    ]
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
        ("POST", f"/v1/parties/{PARTY}/repairs", Scope.REPAIR_CREDIT),
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
    assert set(document["paths"]) == {
        "/v1/parties/{party}/rating",
        "/v1/parties/{party}/facts",
        "/v1/parties/{party}/repairs",
        "/v1/eligibility",
        "/v1/classes",
        "/v1/class-changes",
    }
    schemas = document["components"]["schemas"]
    assert "risk_class" in schemas["RatingAnswer"]["properties"]
    assert "risk_class" not in schemas["EligibilityAnswer"]["properties"]
