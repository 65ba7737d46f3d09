"""Puts the API together: the place where adapters meet use cases; the worker has its own."""

from collections.abc import Coroutine
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI

from approval_events.adapters.assembly import Adapters, close
from approval_events.adapters.breach_views import BreachTerms
from approval_events.adapters.http_breaches import breaches_router
from approval_events.adapters.http_catalogue import catalogue_router
from approval_events.adapters.http_commitments import commitments_router
from approval_events.adapters.http_credit import Breaker, HttpCredit, NoCredit
from approval_events.adapters.http_decisions import decisions_router
from approval_events.adapters.http_findings import findings_router
from approval_events.adapters.http_linkages import linkages_router
from approval_events.adapters.http_people import people_router
from approval_events.adapters.http_results import results_router
from approval_events.adapters.http_tolerances import tolerances_router
from approval_events.adapters.prometheus_measurements import declare_places
from approval_events.adapters.recent_decisions import RecentDecisions
from approval_events.application.accept_decisions import accept_decisions
from approval_events.application.advance_breaches import advance_breach, sanction_breach
from approval_events.application.answer_findings import answer_findings
from approval_events.application.answer_tolerances import answer_tolerance
from approval_events.application.ask_credit import Credit
from approval_events.application.erase_person import erase_person
from approval_events.application.judge_findings import judge_findings
from approval_events.application.open_party import open_party
from approval_events.application.receive_results import receive_results
from approval_events.application.record_act import Books, record_act
from approval_events.application.replace_catalogue import replace_catalogue
from approval_events.application.report_actions import report_actions
from approval_events.application.return_results import return_results
from approval_events.application.tell_story import tell_story
from approval_events.domain.irregularity import Yardstick
from approval_events.domain.rule_book import RuleBook
from approval_events.settings import ApprovalSettings
from linkage_runtime.http.access_log import access_log_of
from linkage_runtime.http.application import build_api
from linkage_runtime.repeat import repeat

API = "approval-events.api"
DECLARE_EVERY = timedelta(minutes=5)
"""How soon a new catalogue's places are counted from 0."""


def api_for(adapters: Adapters, rules: RuleBook, settings: ApprovalSettings) -> FastAPI:
    """The HTTP API of the approving side."""
    http = _credit_http(settings)

    async def close_all() -> None:
        await http.aclose()
        await close(adapters)

    return build_api(
        title="审管联动 · 审批侧 approval-events",
        routers=[
            _decisions(adapters, rules, _credit(adapters, settings, http)),
            linkages_router(
                partial(tell_story, ledger=adapters.ledger, catalogues=adapters.catalogues),
                adapters.ledger,
            ),
            _results(adapters),
            _findings(adapters),
            _breaches(adapters),
            _tolerances(adapters),
            commitments_router(
                adapters.commitments, adapters.catalogues, check_months=adapters.check_months
            ),
            catalogue_router(
                adapters.catalogues, partial(replace_catalogue, catalogues=adapters.catalogues)
            ),
            _people(adapters),
        ],
        api_keys=adapters.api_keys,
        close=close_all,
        access_log=access_log_of(API, settings),
    )


def declaring(adapters: Adapters) -> Coroutine[None, None, None]:
    """Creates label sets of regions and item groups at 0, as the catalogue names them."""

    async def act() -> bool:
        declare_places(await adapters.catalogues.in_force())
        return False

    return repeat("declare places", act, every=DECLARE_EVERY)


def _credit_http(settings: ApprovalSettings) -> httpx.AsyncClient:
    key = settings.credit_key.get_secret_value() if settings.credit_key else ""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    # HttpCredit has the shorter patience. No proxy of the environment: nobody else is to see it.
    return httpx.AsyncClient(
        base_url=settings.credit_url or "", headers=headers, timeout=60, trust_env=False
    )


def _credit(adapters: Adapters, settings: ApprovalSettings, http: httpx.AsyncClient) -> Credit:
    if not settings.credit_url:
        return Credit(desk=NoCredit(), copies=adapters.ratings)
    desk = HttpCredit(http, settings.credit_within, Breaker())
    return Credit(desk=desk, copies=adapters.ratings)


def _decisions(adapters: Adapters, rules: RuleBook, credit: Credit) -> APIRouter:
    recent = RecentDecisions(adapters.decisions)
    # Both use cases take these; a mapping shared by two signatures has no type of its own.
    shared: Any = {
        "catalogues": adapters.catalogues,
        "credit": credit,
        "people": adapters.people,
        "yardstick": Yardstick(rules=rules, calendar=adapters.calendar),
        "publisher": adapters.publisher,
        "measurements": adapters.measurements,
    }
    books = Books(versions=adapters.decisions, known=recent)
    return decisions_router(
        accept=partial(accept_decisions, decisions=recent, **shared),
        act=partial(record_act, books=books, **shared),
    )


def _results(adapters: Adapters) -> APIRouter:
    results, measurements = adapters.results, adapters.measurements
    return results_router(
        receive=partial(receive_results, results=results, measurements=measurements),
        give_back=partial(return_results, results=results),
        report=partial(
            report_actions, results=results, breaches=adapters.breaches, measurements=measurements
        ),
    )


def _findings(adapters: Adapters) -> APIRouter:
    findings, catalogues = adapters.findings, adapters.catalogues
    measurements = adapters.measurements
    return findings_router(
        answer=partial(answer_findings, findings=findings, measurements=measurements),
        judge=partial(
            judge_findings, findings=findings, catalogues=catalogues, measurements=measurements
        ),
        findings=findings,
        catalogues=catalogues,
    )


def _breaches(adapters: Adapters) -> APIRouter:
    breaches, measurements = adapters.breaches, adapters.measurements
    return breaches_router(
        advance=partial(advance_breach, breaches=breaches, measurements=measurements),
        sanction=partial(
            sanction_breach,
            breaches=breaches,
            decisions=adapters.decisions,
            catalogues=adapters.catalogues,
            measurements=measurements,
        ),
        breaches=breaches,
        terms=BreachTerms(calendar=adapters.calendar, days=adapters.breach_terms),
        catalogues=adapters.catalogues,
    )


def _tolerances(adapters: Adapters) -> APIRouter:
    tolerances, catalogues = adapters.tolerances, adapters.catalogues
    answer = partial(answer_tolerance, tolerances=tolerances, catalogues=catalogues)
    return tolerances_router(answer, tolerances, catalogues)


def _people(adapters: Adapters) -> APIRouter:
    people, openings = adapters.people, adapters.openings
    return people_router(
        open_=partial(open_party, decisions=adapters.decisions, people=people, openings=openings),
        erase=partial(erase_person, people=people, openings=openings),
    )
