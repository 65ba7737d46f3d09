"""The worklist (信用待办): what waits for whom, until when; withdrawn, revoked, and told."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from credit.application.keep_cases import keep_cases
from credit.domain.cases import CaseKind
from credit.domain.facts import Fact, FactKind, fact_id
from credit.domain.spans import count_on, spans_of
from credit.domain.standing import standing
from linkage_contracts.codes import InspectionOutcome
from linkage_contracts.credit_acts import ChangeTold, Telling, ToldOn
from linkage_contracts.ids import case_id, stable_id
from linkage_contracts.repairs import FactsRepaired
from linkage_contracts.topics import CREDIT_ACTS
from tests.unit.credit_builders import (
    BUREAU,
    PARTY,
    SUPERVISOR,
    TODAY,
    CasesInMemory,
    a_fact,
    an_entry,
    broken,
    envelope,
    inspected,
    ruled,
)
from tests.unit.credit_desk import TERMS, Service

YESTERDAY = TODAY - timedelta(days=1)
FAILED = inspected("failed", InspectionOutcome.FAILS, day=YESTERDAY)
FAILED_ID = fact_id(FAILED.id, FactKind.INSPECTION_FAILS)
BREACH = broken("breach", day=YESTERDAY)
CONFIRMED = ruled(BREACH)
CONFIRMED_ID = fact_id(CONFIRMED.id, FactKind.BREACH_CONFIRMED)


@pytest.fixture
async def service(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    service = Service(monkeypatch)
    async with service.http:
        await service.read(FAILED, BREACH, CONFIRMED)
        yield service


async def act(service: Service, path: str, **body: Any) -> str:
    answer = await service.act(path, **body)
    assert answer.status_code == 202, answer.text
    await service.read_acts()
    return str(answer.json()["event_id"])


async def applied(service: Service, *facts: str, **body: Any) -> str:
    answer = await service.apply(*facts, **body)
    assert answer.status_code == 202, answer.text
    await service.read_acts()
    return str(answer.json()["event_id"])


async def worklist(service: Service, key: str = "all", **asked: str) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = await service.http.get("/v1/cases", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["cases"])


def in_short(cases: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(case["kind"], case["authority"], case["state"]) for case in cases]


async def test_one_form_waits_for_each_authority_concerned_until_its_own_decision(
    service: Service,
) -> None:
    form = await applied(service, CONFIRMED_ID, FAILED_ID)
    assert in_short(await worklist(service, "bureau")) == [("repair", BUREAU.id, "waiting")]
    (line,) = await worklist(service, "supervisor")
    assert (line["facts"], line["filed_id"], line["party"]) == ([FAILED_ID], form, PARTY)
    assert line["case_id"] == case_id(form, SUPERVISOR.id)
    # Ten working days after Monday the 23rd.
    assert (line["due_on"], line["overdue"]) == ("2026-12-07", False)
    await act(service, f"repairs/{form}/decisions", key="bureau", is_granted=True)
    assert set(in_short(await worklist(service))) == {
        ("repair", BUREAU.id, "granted"),
        ("repair", SUPERVISOR.id, "waiting"),
    }
    assert await worklist(service, "bureau", state="waiting") == []
    (done,) = await worklist(service, "bureau", state="granted")
    assert (done["due_on"], done["settled_by"]) == (None, BUREAU.id)


async def test_an_objection_waits_for_who_found_the_fact_until_it_was_answered(
    service: Service,
) -> None:
    objection = await act(service, f"facts/{FAILED_ID}/objections", key="bureau")
    assert await worklist(service, "bureau") == []
    assert in_short(await worklist(service, "supervisor", kind="objection")) == [
        ("objection", SUPERVISOR.id, "waiting")
    ]
    await act(service, f"objections/{objection}/decision", key="supervisor", is_upheld=True)
    assert in_short(await worklist(service, "supervisor")) == [
        ("objection", SUPERVISOR.id, "upheld")
    ]


async def test_what_is_due_by_a_day_is_what_was_filed_early_enough(service: Service) -> None:
    await applied(service, FAILED_ID)
    assert len(await worklist(service, due_by="2026-12-07")) == 1
    assert await worklist(service, due_by="2026-12-06") == []
    service.clock += timedelta(days=20)
    (late,) = await worklist(service, due_by="2026-12-12", kind="repair")
    assert late["overdue"] is True


@pytest.mark.parametrize("kind", CaseKind)
def test_the_last_day_of_filing_is_that_of_the_term_counted_backwards(kind: CaseKind) -> None:
    for ahead in range(60):
        day = TODAY + timedelta(days=ahead)
        last = TERMS.last_filed(kind, day)
        assert TERMS.due(kind, last).on <= day < TERMS.due(kind, last + timedelta(days=1)).on


async def test_a_page_ends_where_the_next_begins(service: Service) -> None:
    for number in range(5):
        service.clock += timedelta(minutes=1)
        await act(service, f"facts/{FAILED_ID}/objections", ground=f"理由{number}")
    seen: list[str] = []
    asked: dict[str, Any] = {"limit": 2}
    while True:
        page = (await service.http.get("/v1/cases", params=asked)).json()
        seen += [case["ground"] for case in page["cases"]]
        if page["next"] is None:
            break
        asked["after"] = page["next"]
    assert seen == [f"理由{number}" for number in range(5)]
    unknown = await service.http.get("/v1/cases", params={"after": stable_id("no", "case")})
    assert unknown.status_code == 422


async def test_an_authority_sees_its_own_cases_and_the_window_what_it_took_in(
    service: Service,
) -> None:
    objection = await act(service, f"facts/{CONFIRMED_ID}/objections", key="supervisor")
    url = f"/v1/cases/{case_id(objection, BUREAU.id)}"
    for key in ("bureau", "supervisor"):
        seen = await service.http.get(url, headers={"Authorization": f"Bearer {key}"})
        assert [step["event_id"] for step in seen.json()["story"]] == [objection]
    foreign = await service.http.get(
        "/v1/cases",
        params={"authority": SUPERVISOR.id},
        headers={"Authorization": "Bearer bureau"},
    )
    assert foreign.status_code == 403
    other = await act(service, f"facts/{FAILED_ID}/objections", key="supervisor")
    url = f"/v1/cases/{case_id(other, SUPERVISOR.id)}"
    refused = await service.http.get(url, headers={"Authorization": "Bearer bureau"})
    assert refused.status_code == 403
    unknown = await service.http.get(f"/v1/cases/{stable_id('no', 'case')}")
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (404, "5")


async def test_cases_are_the_same_whatever_the_order_and_however_often_acts_are_read(
    service: Service,
) -> None:
    form = await applied(service, CONFIRMED_ID, FAILED_ID)
    service.clock += timedelta(minutes=1)
    await act(service, f"repairs/{form}/decisions", key="bureau", is_granted=True)
    service.clock += timedelta(minutes=1)
    await act(service, f"facts/{FAILED_ID}/objections")
    acts = service.publisher.on[CREDIT_ACTS.name]
    for order in permutations(acts):
        again = CasesInMemory()
        for batch in (order[:1], order, order[1:]):
            await keep_cases(batch, facts=service.facts, acts=service.acts, cases=again)
        assert again.stored == service.cases.stored


async def test_a_withdrawn_application_waits_for_nobody_and_may_come_again(
    service: Service,
) -> None:
    form = await applied(service, CONFIRMED_ID, FAILED_ID)
    await act(service, f"repairs/{form}/decisions", key="bureau", is_granted=True)
    service.clock += timedelta(minutes=1)
    path = f"repairs/{form}/withdrawal"
    assert (await service.act(path, key="bureau")).status_code == 403, "another window"
    withdrawn = await act(service, path)
    states = {case["authority"]: case["state"] for case in await worklist(service)}
    assert states == {BUREAU.id: "granted", SUPERVISOR.id: "withdrawn"}
    late = await service.act(f"repairs/{form}/decisions", key="supervisor", is_granted=True)
    assert (late.status_code, "已撤回" in late.text) == (409, True)
    again = await service.act(path)
    assert (again.status_code, again.json()["event_id"]) == (200, withdrawn)
    assert await applied(service, FAILED_ID) != form


async def test_facts_that_wait_are_not_applied_for_a_second_time(service: Service) -> None:
    form = await applied(service, FAILED_ID)
    twice = await service.apply(FAILED_ID, ground="另一理由")
    assert (twice.status_code, form in twice.json()["detail"]) == (409, True)
    same = await service.apply(FAILED_ID)
    assert (same.status_code, same.json()["event_id"]) == (200, form)
    await act(service, f"repairs/{form}/decisions", key="supervisor", is_granted=False)
    assert await applied(service, FAILED_ID) != form, "refused, the same form is another"


async def test_a_withdrawn_objection_is_answered_by_nobody_and_may_be_raised_again(
    service: Service,
) -> None:
    path = f"facts/{FAILED_ID}/objections"
    objection = await act(service, path, key="bureau")
    withdrawal = f"objections/{objection}/withdrawal"
    assert (await service.act(withdrawal, key="supervisor")).status_code == 403
    await act(service, withdrawal, key="bureau")
    assert in_short(await worklist(service)) == [("objection", SUPERVISOR.id, "withdrawn")]
    late = await service.act(f"objections/{objection}/decision", is_upheld=True)
    assert (late.status_code, "已撤回" in late.text) == (409, True)
    second = await act(service, path, key="bureau")
    assert second != objection
    await act(service, f"objections/{second}/decision", is_upheld=False)
    decided = await service.act(f"objections/{second}/withdrawal", key="bureau")
    assert decided.status_code == 409


async def test_a_fact_counts_again_from_the_day_that_its_repair_was_revoked(
    service: Service,
) -> None:
    granted = (await service.repair(FAILED_ID)).json()["event_id"]
    await service.read_acts()
    points = service.ratings.stored[PARTY].points
    service.clock += timedelta(days=3)
    path = f"repair-decisions/{granted}/revocation"
    assert (await service.act(path, key="bureau")).status_code == 403
    await act(service, path, key="supervisor", ground="材料不实")
    rating = service.ratings.stored[PARTY]
    assert rating.points == points + 8
    assert rating.revision
    url = f"/v1/parties/{PARTY}/rating"
    between = TODAY + timedelta(days=1)
    then = (await service.http.get(url, params={"on": between.isoformat()})).json()
    assert then["points"] == points
    (shown,) = (await service.http.get(f"/v1/parties/{PARTY}/repairs")).json()["applications"]
    assert shown["decisions"][0]["revoked"]["ground"] == "材料不实"
    assert shown["authorities"][0]["state"] == "revoked"
    assert (await service.repair(FAILED_ID)).status_code == 202, "it may be repaired anew"
    await service.read_acts()
    assert service.ratings.stored[PARTY].points == points


async def test_a_revoked_repair_bars_again_and_is_revoked_once(service: Service) -> None:
    granted = (await service.repair(CONFIRMED_ID)).json()["event_id"]
    await service.read_acts()
    assert (await service.ask()).json()["eligible"] is True
    path = f"repair-decisions/{granted}/revocation"
    revoked = await act(service, path)
    assert (await service.ask()).json()["eligible"] is False
    again = await service.act(path)
    assert (again.status_code, again.json()["event_id"]) == (200, revoked)
    unknown = await service.act(f"repair-decisions/{stable_id('no', 'repair')}/revocation")
    assert unknown.status_code == 404


def test_what_counts_again_counts_so_in_every_way_of_asking() -> None:
    known = [
        a_fact(FactKind.PENALTY_IMPOSED, "penalty", day=TODAY - timedelta(days=9)),
        a_fact(FactKind.INSPECTION_FAILS, "failed", day=TODAY - timedelta(days=8)),
    ]
    for number, days in enumerate((6, 3)):
        repair = a_fact(
            FactKind.FACTS_REPAIRED,
            f"repair {number}",
            day=TODAY - timedelta(days=days),
            targets=[known[0].fact_id],
        )
        revoked = a_fact(
            FactKind.REPAIR_REVOKED,
            f"revoked {number}",
            day=TODAY - timedelta(days=days - 2),
            targets=[repair.fact_id],
        )
        known += [repair, revoked]
    spans = spans_of(known)
    for ago in range(12):
        day = TODAY - timedelta(days=ago)
        assert count_on(spans, day) == standing(known, day)
    counted = [known[0] in standing(known, TODAY - timedelta(days=ago)) for ago in range(10)]
    assert counted == [True, True, False, False, True, False, False, True, True, True]


async def test_who_was_told_of_an_act_is_read_back_with_the_time(service: Service) -> None:
    granted = (await service.repair(FAILED_ID)).json()["event_id"]
    await service.read_acts()
    told = ChangeTold(
        **envelope("told", TODAY, PARTY, SUPERVISOR),
        data=Telling(
            act_id=granted,
            entries=(ToldOn(organisation=BUREAU.id, entry_id=stable_id("entry", "1")),),
        ),
    )
    await service.read(told, told)
    (shown,) = (await service.http.get(f"/v1/parties/{PARTY}/repairs")).json()["applications"]
    (one,) = shown["decisions"][0]["told"]
    assert (one["organisation"], one["entry_id"]) == (BUREAU.id, stable_id("entry", "1"))
    assert one["at"].startswith(TODAY.isoformat())


async def test_an_act_says_where_its_facts_come_from(service: Service) -> None:
    await service.repair(CONFIRMED_ID)
    event = service.publisher.on[CREDIT_ACTS.name][-1]
    assert isinstance(event, FactsRepaired)
    (source,) = event.data.about
    assert (source.kind, source.authority) == ("breach_confirmed", BUREAU.id)
    assert (source.result_id, source.event_id) == (BREACH.data.result_id, CONFIRMED.id)


def test_only_the_first_objection_to_an_entry_suspends_it() -> None:
    until = TODAY + timedelta(days=300)
    listed = a_fact(FactKind.LISTED, "entry", day=TODAY - timedelta(days=9))
    entry = replace(listed, entry=an_entry("black", until, suspended_by_objection=True))

    def objected(name: str, ago: int, answer: FactKind | None) -> list[Fact]:
        kinds = [FactKind.OBJECTION_RAISED, *([answer] if answer else [])]
        day, targets = TODAY - timedelta(days=ago), [entry.fact_id]
        return [a_fact(kind, name, day=day, matter=name, targets=targets) for kind in kinds]

    for answer in (FactKind.OBJECTION_REJECTED, FactKind.OBJECTION_WITHDRAWN):
        first = [entry, *objected("first", 5, None)]
        assert entry not in standing(first, TODAY)
        again = [entry, *objected("first", 5, answer), *objected("second", 3, None)]
        assert entry in standing(again, TODAY)


def test_two_entries_of_one_list_count_once_and_the_second_when_the_first_is_over() -> None:
    first = a_fact(FactKind.LISTED, "one", day=TODAY - timedelta(days=9))
    second = a_fact(FactKind.LISTED, "two", day=TODAY - timedelta(days=8))
    other = a_fact(FactKind.LISTED, "three", day=TODAY, list_code="industry_black")
    both = [second, first, other]
    assert set(standing(both, TODAY)) == {first, other}
    gone = a_fact(FactKind.DELISTED, "gone", targets=[first.fact_id])
    assert set(standing([*both, gone], TODAY)) == {second, other, gone}


async def test_an_authority_lists_a_party_on_a_list_once(service: Service) -> None:
    body = {"entered_on": YESTERDAY.isoformat()}
    await act(service, "lists/industry_black", **body)
    second = await service.act("lists/industry_black", ground="另一理由", **body)
    assert (second.status_code, "list_code" in second.json()["detail"]) == (409, True)
    same = await service.act("lists/industry_black", **body)
    assert same.json()["status"] == "known"
    await act(service, "lists/industry_black", key="bureau", **body)


async def test_a_preselection_is_drawn_up_with_its_eliminations_as_of_a_day(
    service: Service,
) -> None:
    async def drawn_up(ago: int = 0) -> list[tuple[str, bool, list[str]]]:
        day = (TODAY - timedelta(days=ago)).isoformat()
        answer = await service.http.get("/v1/lists/bidders_preselected/entries", params={"on": day})
        assert answer.status_code == 200, answer.text
        return [
            (place["party"], place["eligible"], [e["ground"] for e in place["eliminated_by"]])
            for place in answer.json()["entries"]
        ]

    three = {"entered_on": (TODAY - timedelta(days=3)).isoformat()}
    await act(service, "lists/bidders_preselected", ground="符合入库条件", **three)
    one = {"entered_on": (TODAY - timedelta(days=1)).isoformat()}
    eliminated = await act(service, "lists/bidders_eliminated", ground="串通投标", **one)
    await act(service, "lists/industry_red", **one)
    assert await drawn_up(4) == []
    assert await drawn_up(2) == [(PARTY, True, [])]
    assert await drawn_up() == [(PARTY, False, ["串通投标"])]
    fact = fact_id(eliminated, FactKind.LISTED)
    await act(service, f"facts/{fact}/objections")
    assert await drawn_up() == [(PARTY, True, [])], "suspended by the objection to it"
    unknown = await service.http.get("/v1/lists/none/entries")
    assert (unknown.status_code, "bidders_preselected" in unknown.json()["detail"]) == (404, True)


async def test_a_preselection_speaks_neither_for_nor_against_a_bidder(service: Service) -> None:
    points = service.ratings.stored[PARTY].points
    day = {"entered_on": TODAY.isoformat()}
    entry = fact_id(await act(service, "lists/bidders_preselected", **day), FactKind.LISTED)
    assert service.ratings.stored[PARTY].points == points
    assert entry not in str((await service.ask()).json())
    assert (await service.apply(entry)).status_code == 422
