"""What callers see: answers, linkages and stories as JSON; natural persons are masked already."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from fastapi import Response
from pydantic_core import to_json

from approval_events.adapters.breach_views import breaches_of
from approval_events.adapters.finding_views import finding_view, findings_of
from approval_events.adapters.http_bodies import mistakes
from approval_events.application.acts import Acts
from approval_events.application.answers import Answer
from approval_events.application.tell_story import Told
from approval_events.domain.case import Unverified
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.linkage import Linkage
from approval_events.domain.loops import Push, ReturnedResult
from approval_events.domain.rules import DoorRule
from linkage_runtime.http.problems import ProblemError

RETRY_AFTER = {"Retry-After": "1"}
"""What was just accepted is recorded within a second, as long as the worker keeps up."""

_REFUSED_TITLES = {
    403: "没有此项权限 Not allowed",
    404: "没有此记录 Not found",
    409: "与已有记录冲突 Conflicts with what is recorded",
}


def json_response(
    content: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON, written by pydantic's core: times in ISO form, Chinese not escaped."""
    return Response(to_json(content), status, dict(headers or {}), "application/json")


def one_answer(answer: Answer) -> Response:
    """The response to one submission.

    Raises:
        ProblemError: it was rejected, or stands in conflict with what is recorded.
    """
    if answer.status == "rejected":
        is_foreign = any(found.rule == DoorRule.AUTHORITY_NOT_YOURS for found in answer.faults)
        raise mistakes(answer.faults, 403 if is_foreign else 422)
    body = answer_view(answer)
    if answer.status == "conflict":
        detail = (
            "同一文书号、同一日期已有不同内容;如属变更,请按变更决定报送 "
            "(another content stands under this number and date: send a change as an amendment)"
        )
        raise ProblemError(409, detail, **{k: v for k, v in body.items() if k != "status"})
    location = {"Location": f"/v1/linkages/{answer.decision_id}"}
    return json_response(body, 202 if answer.status == "accepted" else 200, location)


def answer_view(answer: Answer) -> dict[str, Any]:
    """One row's outcome."""
    view: dict[str, Any] = {"status": answer.status}
    if answer.decision_id is not None:
        view |= {"decision_id": answer.decision_id, "event_id": answer.event_id}
    if answer.status == "accepted":
        view["irregularities"] = [found.model_dump(mode="json") for found in answer.irregularities]
    if answer.unverified is not None:
        view["credit_unverified"] = _unverified(answer.unverified)
    if answer.faults:
        view["errors"] = [found.as_dict() for found in answer.faults]
    if answer.status == "conflict":
        view["differences"] = [found.pointer for found in answer.differences]
        view["compared"] = [asdict(found) for found in answer.differences]
    return view


def _unverified(unverified: Unverified) -> dict[str, Any]:
    copy = "依其最近一次告知的评定 (by what it told last)"
    basis = copy if unverified.told_at else "此前未告知过该主体 (it never told of this party)"
    return {
        "trouble": unverified.trouble,
        "told_at": unverified.told_at,
        "detail": f"信用服务未应答，{basis}；请补核可否适用告知承诺或容缺 "
        "(credit could not be asked: verify whether commitment or tolerance was open)",
    }


def batch_view(answers: Sequence[Answer]) -> dict[str, Any]:
    """All rows' outcomes, in the order sent; a conflict is counted by its own name."""
    statuses = [answer.status for answer in answers]
    return {
        "accepted": statuses.count("accepted"),
        "known": statuses.count("known"),
        "conflict": statuses.count("conflict"),
        "rejected": statuses.count("rejected"),
        "results": [{"row": answer.row, **answer_view(answer)} for answer in answers],
    }


def acts_response(acts: Acts) -> Response:
    """Which results were acted on, and why others were not."""
    refused = [
        {
            "id": refusal.subject_id,
            "status": refusal.status,
            "title": _REFUSED_TITLES[refusal.status],
            "detail": str(refusal),
        }
        for refusal in acts.refused
    ]
    is_early = any(refusal.status == 404 for refusal in acts.refused)  # noqa: PLR2004 -- HTTP
    return json_response(
        {"done": acts.done, "refused": refused}, headers=RETRY_AFTER if is_early else None
    )


def linkage_line(linkage: Linkage) -> dict[str, Any]:
    """A linkage in a list."""
    pushes, results = linkage.pushes, linkage.results
    return {
        **_head(linkage),
        "pushes": len(pushes),
        "pushes_owing": sum(bool(push.still_owed) for push in pushes),
        "waiting_in_pool": sum(entry.resolved_by is None for entry in linkage.pool),
        "results": len(results),
        "results_open": sum(result.is_open for result in results),
    }


def linkage_view(told: Told) -> dict[str, Any]:
    """A linkage with its whole story."""
    linkage = told.linkage
    return {
        **_head(linkage),
        "pushes": [_push(push, told.names) for push in linkage.pushes],
        "pool": [asdict(entry) for entry in linkage.pool],
        "results": [_result(result, told.names) for result in linkage.results],
        "findings": [finding_view(finding) for finding in findings_of(linkage)],
        "breaches": breaches_of(linkage),
        "story": [asdict(step) for step in told.steps],
    }


def _head(linkage: Linkage) -> dict[str, Any]:
    versions = sorted(
        linkage.of(FactKind.DECIDED).values(),
        key=lambda fact: (fact.detail["effective_on"], fact.order),
    )
    newest: Mapping[str, Any] = versions[-1].detail if versions else {}
    return {
        "decision_id": linkage.decision_id,
        "state": linkage.state,
        "closed_at": linkage.closed_at,
        "authority": linkage.authority,
        "accepted_at": min((fact.at for fact in versions), default=None),
        **{
            field: newest.get(field)
            for field in ("kind", "document_number", "document_title", "effective_on", "party")
        },
        "irregular": sorted({rule for fact in versions for rule in fact.detail["irregular"]}),
    }


def _push(push: Push, names: Mapping[str, str]) -> dict[str, Any]:
    steps = push.steps
    about = next(iter([*steps.values(), *push.fed_back])).detail
    opened: Mapping[str, Any] = steps[FactKind.OPENED].detail if FactKind.OPENED in steps else {}
    return {
        "push_id": push.push_id,
        "recipient": about["recipient"],
        "recipient_name": names.get(about["recipient"], about["recipient"]),
        "state": push.state,
        **{field: opened.get(field) for field in ("decision_event_id", "round", "items", "owes")},
        "still_owed": sorted(push.still_owed),
        **{f"{kind}_at": steps[kind].at if kind in steps else None for kind in _PUSH_STEPS},
        "received_by": _said(steps, FactKind.RECEIVED, "by"),
        "returned_reason": _said(steps, FactKind.RETURNED, "reason"),
        "fed_back": [_fact(fact, "duty", "outcome", "by", "note") for fact in push.fed_back],
    }


_PUSH_STEPS = (
    *(FactKind.OPENED, FactKind.DELIVERED, FactKind.RECEIVED),
    *(FactKind.ENROLLED, FactKind.RETURNED, FactKind.RECALLED),
)
_RESULT_STEPS = (
    *(FactKind.FOUND, FactKind.FORWARDED, FactKind.RESULT_RECEIVED),
    *(FactKind.RESULT_RETURNED, FactKind.REPORT_FORWARDED),
)


def _result(result: ReturnedResult, names: Mapping[str, str]) -> dict[str, Any]:
    steps = result.steps
    supervisor = _said(steps, FactKind.FOUND, "supervisor")
    return {
        "result_id": result.result_id,
        "type": _said(steps, FactKind.FOUND, "type"),
        "supervisor": supervisor,
        "supervisor_name": names.get(str(supervisor), supervisor),
        "state": "open" if result.is_open else "closed",
        "found_on": _said(steps, FactKind.FOUND, "found_on"),
        "requests": _said(steps, FactKind.FOUND, "requests"),
        **{f"{kind}_at": steps[kind].at if kind in steps else None for kind in _RESULT_STEPS},
        "received_by": _said(steps, FactKind.RESULT_RECEIVED, "by"),
        "returned_reason": _said(steps, FactKind.RESULT_RETURNED, "reason"),
        "reports": [
            _fact(fact, "outcome", "by", "note", "act_document_number") for fact in result.reports
        ],
    }


def _said(steps: Mapping[FactKind, Fact], kind: FactKind, field: str) -> object:
    return steps[kind].detail.get(field) if kind in steps else None


def _fact(fact: Fact, *fields: str) -> dict[str, Any]:
    return {"at": fact.at, **{field: fact.detail.get(field) for field in fields}}
