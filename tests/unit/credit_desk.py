"""The API of credit over stores in memory, and the worker behind it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import httpx
import pytest

from credit import bootstrap_acts
from credit.adapters.scorecard_files import read_incentives, read_lists, read_sampling_plan
from credit.application.answer_eligibility import answer_eligibility
from credit.application.draw_sample import Draw
from credit.application.draw_up_list import draw_up_list
from credit.application.explain_rating import explain_rating
from credit.application.gather_facts import gather_facts
from credit.application.list_cases import list_cases
from credit.application.rate_parties import rate_parties
from credit.application.report_month import MonthReport
from credit.application.show_incentives import show_incentives
from credit.application.show_repairs import show_case, show_repairs
from credit.bootstrap import Credit
from credit.bootstrap_acts import build_acts, build_draws
from credit.domain.cases import CaseKind, CaseTerms
from credit.domain.sampling import Candidate
from credit.entrypoints import (
    case_routes,
    counter_routes,
    list_routes,
    rating_routes,
    repair_routes,
)
from credit.entrypoints.api import build
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.envelope import Event
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.catalogue_store import read_catalogue
from linkage_runtime.clock import day_of
from linkage_runtime.working_days import WorkCalendar
from tests.unit.credit_builders import (
    BUREAU,
    MEASURES,
    NOON,
    PARTY,
    SAMPLE,
    SUPERVISOR,
    ActsInMemory,
    CasesInMemory,
    FactsInMemory,
    PublishedEvents,
    RatingsInMemory,
)
from tests.unit.noted import NotedRequests

CARDS, LISTS = MEASURES.scorecards, read_lists(SAMPLE.parent)
CATALOGUE = read_catalogue(SAMPLE.parents[1] / "catalogue")
INCENTIVES, PLAN = read_incentives(SAMPLE.parent), read_sampling_plan(SAMPLE.parent)
FOOD = "000131902000"
"""食品经营许可: commitment yes, tolerance no."""
CARD = CARDS.general
TERMS = CaseTerms(
    calendar=WorkCalendar.load(SAMPLE.parents[1] / "calendar"),
    working_days={CaseKind.REPAIR: 10, CaseKind.OBJECTION: 10},
)
ALL = frozenset(str(scope) for scope in Scope)
ACTS = frozenset({str(Scope.ACT_ON_CREDIT)})
MATERIAL = {"name": "整改报告", "uri": "https://materials.example/1", "sha256": "0" * 64}


class KeysInMemory(ApiKeys):
    """One key for each set of scopes: the key is the scopes."""

    def __init__(self) -> None:
        self.scopes = {"all": ALL, "bureau": ACTS, "supervisor": ACTS} | {
            str(scope): frozenset({str(scope)}) for scope in Scope
        }

    async def caller(self, presented: str) -> Caller | None:
        if presented not in self.scopes:
            return None
        return Caller(
            key_id="1",
            organisation=BUREAU.id if presented == "bureau" else SUPERVISOR.id,
            name=SUPERVISOR.name,
            scopes=self.scopes[presented],
            authorities=frozenset(),
        )


class Catalogues:
    """The sample catalogue."""

    async def in_force(self) -> Catalogue:
        return CATALOGUE


class DrawsInMemory:
    """A `DrawLedger`."""

    def __init__(self) -> None:
        self.kept: dict[str, Draw] = {}
        self.populations: dict[str, tuple[Candidate, ...]] = {}

    async def announce(self, new: Draw, population: Sequence[Candidate]) -> None:
        self.kept[new.draw_id], self.populations[new.draw_id] = new, tuple(population)

    async def of_id(self, draw_id: str) -> Draw | None:
        return self.kept.get(draw_id)

    async def population(self, draw_id: str) -> tuple[Candidate, ...]:
        return self.populations[draw_id]

    async def open(self, opened: Draw) -> bool:
        if self.kept[opened.draw_id].opened_at:
            return False
        self.kept[opened.draw_id] = opened
        return True

    async def drawn_between(self, after: datetime, until: datetime) -> frozenset[str]:
        return frozenset(
            visit.party
            for made in self.kept.values()
            if made.opened_at and after < made.opened_at <= until
            for visit in made.visits
        )

    async def drawn_since(self, day: date) -> Mapping[str, tuple[date, ...]]:
        drawn: defaultdict[str, list[date]] = defaultdict(list)
        for made in self.kept.values():
            for visit in made.visits if made.on >= day else ():
                drawn[visit.party].append(made.on)
        return {party: tuple(days) for party, days in drawn.items()}


class MonthsInMemory:
    """`MonthReports`."""

    def __init__(self) -> None:
        self.kept: dict[date, MonthReport] = {}

    async def has(self, first: date) -> bool:
        return first in self.kept

    async def add(self, report: MonthReport) -> None:
        self.kept.setdefault(report.first, report)

    async def newest(self, limit: int) -> list[MonthReport]:
        return [self.kept[first] for first in sorted(self.kept, reverse=True)][:limit]


class Service:
    """The API, and the worker behind it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.facts, self.ratings = FactsInMemory(), RatingsInMemory()
        self.publisher, self.acts = PublishedEvents(), ActsInMemory()
        self.cases = CasesInMemory()
        self.draws, self.months = DrawsInMemory(), MonthsInMemory()
        self.clock = NOON
        for routes in (rating_routes, counter_routes, repair_routes, case_routes, list_routes):
            monkeypatch.setattr(routes, "today", lambda: day_of(self.clock))
        monkeypatch.setattr(bootstrap_acts, "now", lambda: self.clock)
        transport = httpx.ASGITransport(
            app=build(self._credit(), NotedRequests()), raise_app_exceptions=False
        )
        self.http = httpx.AsyncClient(
            transport=transport, base_url="http://credit", headers={"Authorization": "Bearer all"}
        )

    def _credit(self) -> Credit:
        async def nothing() -> None:
            return None

        return Credit(
            explain=partial(explain_rating, facts=self.facts, measures=MEASURES),
            facts_of=self.facts.of_party,
            eligibility=partial(
                answer_eligibility, facts=self.facts, bars=MEASURES.bars, catalogues=Catalogues()
            ),
            incentives=partial(
                show_incentives,
                facts=self.facts,
                incentives=INCENTIVES,
                seriousness_of=CARD.seriousness_of,
            ),
            acts=build_acts(self.facts, self.acts, self.publisher, CARD, LISTS),
            draws=build_draws(self.facts, self.draws, CARDS, PLAN),
            months=self.months.newest,
            repairs_of=partial(show_repairs, acts=self.acts),
            cases=partial(list_cases, cases=self.cases, terms=TERMS),
            case=partial(show_case, acts=self.acts, cases=self.cases),
            terms=TERMS,
            list_as_of=partial(draw_up_list, lists=LISTS, facts=self.facts, acts=self.acts),
            class_counts=self.ratings.class_counts,
            newest_changes=self.ratings.newest_changes,
            scorecards=CARDS,
            api_keys=KeysInMemory(),
            checks={},
            close=nothing,
        )

    async def read(self, *events: Event) -> None:
        """Let the worker read these, one batch each."""
        for event in events:
            gathered = await gather_facts(
                [event], facts=self.facts, acts=self.acts, cases=self.cases
            )
            await rate_parties(
                gathered.parties,
                facts=self.facts,
                ratings=self.ratings,
                publisher=self.publisher,
                measures=MEASURES,
                at=self.clock,
            )

    async def read_acts(self) -> None:
        """Let the worker read every act that is on the log."""
        await self.read(*self.publisher.on[CREDIT_ACTS.name])

    async def act(self, path: str, *, key: str = "all", **body: Any) -> httpx.Response:
        """Post an act on a party's facts."""
        return await self.http.post(
            f"/v1/parties/{PARTY}/{path}",
            json={"ground": "依法办理"} | body,
            headers={"Authorization": f"Bearer {key}"},
        )

    async def apply(self, *facts: str, **body: Any) -> httpx.Response:
        """Apply for repair."""
        form = {"commitment": "承诺守法诚信经营", "materials": [MATERIAL]}
        return await self.act("repairs", facts=list(facts), **form | body)

    async def repair(self, *facts: str) -> httpx.Response:
        """Apply, and grant it."""
        applied = (await self.apply(*facts)).json()["event_id"]
        await self.read_acts()
        return await self.act(f"repairs/{applied}/decisions", is_granted=True)

    async def ask(self, party: str = PARTY, **more: str) -> httpx.Response:
        asked = {"party": party, "item": FOOD, "use": "commitment"} | more
        return await self.http.post("/v1/eligibility", json=asked)
