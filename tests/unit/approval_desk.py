"""The routers of the approving side on an application, with fakes behind them."""

from functools import partial
from typing import Any, cast

import httpx
from fastapi import APIRouter

from approval_events.adapters.breach_views import BreachTerms
from approval_events.adapters.http_breaches import breaches_router
from approval_events.adapters.http_commitments import commitments_router
from approval_events.adapters.http_decisions import decisions_router
from approval_events.adapters.http_findings import findings_router
from approval_events.adapters.http_linkages import linkages_router
from approval_events.adapters.http_results import results_router
from approval_events.adapters.http_tolerances import tolerances_router
from approval_events.application.accept_decisions import AcceptDecisions
from approval_events.application.acts import Acts
from approval_events.application.advance_breaches import advance_breach, sanction_breach
from approval_events.application.answer_findings import answer_findings
from approval_events.application.answer_tolerances import answer_tolerance
from approval_events.application.answers import Answer
from approval_events.application.ask_credit import Credit
from approval_events.application.judge_findings import judge_findings
from approval_events.application.receive_results import ReceiveResults
from approval_events.application.record_act import Books, record_act
from approval_events.application.report_actions import ReportActions
from approval_events.application.return_results import ReturnResults
from approval_events.application.tell_story import tell_story
from linkage_contracts.codes import Clock
from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.http.application import build_api
from tests.unit.approval_builders import (
    BUREAU,
    CALENDAR,
    OTHER_BUREAU,
    OVERSIGHT,
    SUPERVISOR,
    YARDSTICK,
)
from tests.unit.approval_fakes import Door, FakeCatalogues, FakeLedger
from tests.unit.breach_desk import FakeBreaches
from tests.unit.commitments_desk import FakeCommitments
from tests.unit.findings_desk import FakeFindings
from tests.unit.noted import NotedRequests
from tests.unit.tolerances_desk import FakeTolerances

UNKNOWN = "00000000-0000-5000-8000-000000000000"


def a_caller(organisation: str, *scopes: Scope, authorities: tuple[str, ...] = ()) -> Caller:
    return Caller(
        key_id="k",
        organisation=organisation,
        name="x",
        scopes=frozenset(scopes),
        authorities=frozenset(authorities),
    )


CALLERS = {
    "bureau": a_caller(
        BUREAU,
        *(Scope.EMIT_DECISIONS, Scope.READ_LINKAGES, Scope.ACT_ON_RESULTS),
        authorities=(BUREAU,),
    ),
    "other": a_caller(
        OTHER_BUREAU, Scope.EMIT_DECISIONS, Scope.READ_LINKAGES, authorities=(OTHER_BUREAU,)
    ),
    "supervisor": a_caller(SUPERVISOR, Scope.READ_LINKAGES, authorities=(SUPERVISOR,)),
    "oversight": a_caller("oversight", Scope.OVERSEE),
    "overseer": a_caller(OVERSIGHT, Scope.OVERSEE, Scope.JUDGE_FINDINGS),
}


class KeysByName:
    """Keys that are their holders' names."""

    async def caller(self, presented: str) -> Caller | None:
        return CALLERS.get(presented)


class Desk:
    """The routers on an application, with fakes behind them."""

    def __init__(self) -> None:
        self.door, self.ledger = Door(), FakeLedger()
        self.acts, self.findings, self.breaches = Acts(), FakeFindings(), FakeBreaches()
        self.commitments, self.tolerances = FakeCommitments(), FakeTolerances()
        shared: Any = {
            "catalogues": self.door.catalogues,
            "credit": Credit(desk=self.door.credit, copies=self.door.credit),
            "people": self.door.people,
            "yardstick": YARDSTICK,
            "publisher": self.door.publisher,
            "measurements": self.door.measurements,
        }
        books = Books(versions=self.door.books, known=self.door.recent)
        self.app = build_api(
            title="test",
            routers=[
                decisions_router(self.accept, partial(record_act, books=books, **shared)),
                linkages_router(
                    partial(tell_story, ledger=self.ledger, catalogues=FakeCatalogues()),
                    self.ledger,
                ),
                results_router(self.receive, self.give_back, self.report),
                self._findings_router(),
                self._breaches_router(),
                self._tolerances_router(),
                commitments_router(self.commitments, self.door.catalogues, check_months=2),
            ],
            api_keys=cast("ApiKeys", KeysByName()),
            close=self.close,
            access_log=NotedRequests(),
        )

    def _findings_router(self) -> APIRouter:
        findings, measurements = self.findings, self.door.measurements
        return findings_router(
            partial(answer_findings, findings=findings, measurements=measurements),
            partial(
                judge_findings,
                findings=findings,
                catalogues=self.door.catalogues,
                measurements=measurements,
            ),
            findings,
            self.door.catalogues,
        )

    def _breaches_router(self) -> APIRouter:
        taking: Any = {"breaches": self.breaches, "measurements": self.door.measurements}
        catalogues = self.door.catalogues
        days = {
            Clock.BREACH_HEARING: 15,
            Clock.BREACH_FINDING: 10,
            Clock.BREACH_HANDLING: 10,
        }
        return breaches_router(
            advance=partial(advance_breach, **taking),
            sanction=partial(
                sanction_breach, decisions=self.door.books, catalogues=catalogues, **taking
            ),
            breaches=self.breaches,
            terms=BreachTerms(calendar=CALENDAR, days=days),
            catalogues=catalogues,
        )

    def _tolerances_router(self) -> APIRouter:
        catalogues = self.door.catalogues
        answer = partial(answer_tolerance, tolerances=self.tolerances, catalogues=catalogues)
        return tolerances_router(answer, self.tolerances, catalogues)

    async def accept(self, command: AcceptDecisions) -> list[Answer]:
        return await self.door.accept(*command.rows, emitter=command.emitter)

    async def receive(self, _: ReceiveResults) -> Acts:
        return self.acts

    async def give_back(self, _: ReturnResults) -> Acts:
        return self.acts

    async def report(self, _: ReportActions) -> Acts:
        return self.acts

    async def close(self) -> None:
        pass

    async def call(
        self, method: str, path: str, key: str = "bureau", **request: Any
    ) -> httpx.Response:
        """Send a request with a key."""
        transport = httpx.ASGITransport(app=self.app)
        headers = {"Authorization": f"Bearer {key}", **request.pop("headers", {})}
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers, **request)
