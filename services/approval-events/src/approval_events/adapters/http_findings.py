"""Findings (预警纠错) over HTTP: answered by the bureau, judged by oversight, read by both."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from approval_events.adapters.finding_bodies import (
    AcceptMany,
    AcceptOne,
    AnswerMany,
    AnswerOne,
    SendBackMany,
    SendBackOne,
    SentAnswer,
)
from approval_events.adapters.finding_views import counts_view, finding_view
from approval_events.adapters.http_linkages import LARGEST_PAGE, PAGE, own, visible
from approval_events.adapters.http_views import RETRY_AFTER, acts_response, json_response
from approval_events.application.acts import Actor, Acts
from approval_events.application.answer_findings import AnswerFindings, AnswerLine
from approval_events.application.finding_ports import FindingList, FindingQuery
from approval_events.application.judge_findings import JudgeFindings
from approval_events.application.ports import Catalogues
from approval_events.domain.finding import Answer, Finding, FindingState
from linkage_contracts.codes import Rule
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.clock import now
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

Reading = Annotated[Caller, Depends(caller_with(Scope.READ_LINKAGES, Scope.OVERSEE))]
Answering = Annotated[Caller, Depends(caller_with(Scope.ACT_ON_RESULTS))]
Judging = Annotated[Caller, Depends(caller_with(Scope.JUDGE_FINDINGS))]
_UNKNOWN = "没有此预警,或尚未入账 (no such finding, or not yet)"


def findings_router(
    answer: Callable[[AnswerFindings], Awaitable[Acts]],
    judge: Callable[[JudgeFindings], Awaitable[Acts]],
    findings: FindingList,
    catalogues: Catalogues,
) -> APIRouter:
    """Routes under ``/v1/findings``, and their report."""
    router = APIRouter(tags=["预警纠错 findings"])
    _add_reading(router, findings, catalogues)
    _add_answering(router, answer, findings)
    _add_judging(router, judge, findings)
    return router


def _add_reading(router: APIRouter, findings: FindingList, catalogues: Catalogues) -> None:
    @router.get("/v1/findings")
    async def list_findings(
        caller: Reading,
        authority: str | None = None,
        state: FindingState | None = None,
        rule: Rule | None = None,
        after: Id | None = None,
        limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    ) -> Response:
        """Findings on one's own decisions, in the order of their ids; ``next`` goes on."""
        query = FindingQuery(
            authorities=visible(caller, authority),
            state=state,
            rule=rule,
            after=after or "",
            limit=limit,
        )
        page = await findings.page(query)
        following = page[-1].finding_id if len(page) == limit else None
        return json_response({"findings": [finding_view(one) for one in page], "next": following})

    @router.get("/v1/findings/{finding_id}")
    async def get_finding(finding_id: Id, caller: Reading) -> Response:
        """One finding with everything that was done about it."""
        finding = (await findings.find([finding_id])).get(finding_id)
        if finding is None:
            raise ProblemError(404, _UNKNOWN, headers=RETRY_AFTER)
        if not _may_see(finding, caller):
            raise ProblemError(403, "只能查看本单位的预警 (a bureau sees only its own findings)")
        return json_response(finding_view(finding))

    @router.get("/v1/reports/findings")
    async def count_findings(caller: Reading, authority: str | None = None) -> Response:
        """How many findings of each rule each authority has, by state."""
        counts = await findings.counts(visible(caller, authority))
        known = (await catalogues.in_force()).authority_by_id
        names = {id_: organisation.name for id_, organisation in known.items()}
        return json_response({"counts": counts_view(counts, names)})


def _add_answering(
    router: APIRouter,
    answer: Callable[[AnswerFindings], Awaitable[Acts]],
    findings: FindingList,
) -> None:
    @router.post("/v1/findings:answer")
    async def answer_findings(body: AnswerMany, caller: Answering) -> Response:
        """Answer several findings: each id is done, or refused with its reason."""
        lines = [_line(sent.finding_id, sent, body.by) for sent in body.answers]
        return acts_response(await answer(_answers(lines, caller)))

    @router.post("/v1/findings/{finding_id}:answer")
    async def answer_finding(finding_id: Id, body: AnswerOne, caller: Answering) -> Response:
        """Say by which document the decision was corrected, or why it stands (纠错反馈)."""
        lines = [_line(finding_id, body, body.by)]
        return await _one(await answer(_answers(lines, caller)), finding_id, findings)


def _add_judging(
    router: APIRouter, judge: Callable[[JudgeFindings], Awaitable[Acts]], findings: FindingList
) -> None:
    @router.post("/v1/findings:accept")
    async def accept_answers(body: AcceptMany, caller: Judging) -> Response:
        """Accept several answers."""
        return acts_response(await judge(_verdict(body.finding_ids, body, caller)))

    @router.post("/v1/findings:send-back")
    async def send_back_answers(body: SendBackMany, caller: Judging) -> Response:
        """Send several answers back for one reason."""
        return acts_response(await judge(_verdict(body.finding_ids, body, caller)))

    @router.post("/v1/findings/{finding_id}:accept")
    async def accept_answer(finding_id: Id, body: AcceptOne, caller: Judging) -> Response:
        """Accept the answer: the finding is over."""
        return await _one(await judge(_verdict([finding_id], body, caller)), finding_id, findings)

    @router.post("/v1/findings/{finding_id}:send-back")
    async def send_back_answer(finding_id: Id, body: SendBackOne, caller: Judging) -> Response:
        """Send the answer back: another is owed, and its clock runs."""
        return await _one(await judge(_verdict([finding_id], body, caller)), finding_id, findings)


async def _one(acts: Acts, finding_id: str, findings: FindingList) -> Response:
    """The answer to an act on one finding: the finding after it."""
    for refusal in acts.refused:
        headers = RETRY_AFTER if refusal.status == 404 else None  # noqa: PLR2004 -- HTTP
        raise ProblemError(refusal.status, str(refusal), headers=headers)
    return json_response(finding_view((await findings.find([finding_id]))[finding_id]))


def _line(finding_id: str, sent: SentAnswer, by: str) -> AnswerLine:
    given = Answer(
        by=by, kind=sent.kind, note=sent.note, act_document_number=sent.act_document_number
    )
    return AnswerLine(finding_id=finding_id, answer=given)


def _answers(lines: list[AnswerLine], caller: Caller) -> AnswerFindings:
    return AnswerFindings(answers=lines, actor=_actor(caller), at=now())


def _verdict(ids: list[str], body: AcceptOne | SendBackOne, caller: Caller) -> JudgeFindings:
    return JudgeFindings(
        finding_ids=ids,
        by=body.by,
        actor=_actor(caller),
        at=now(),
        note=body.note if isinstance(body, AcceptOne) else None,
        reason=body.reason if isinstance(body, SendBackOne) else None,
    )


def _actor(caller: Caller) -> Actor:
    return Actor(organisation=caller.organisation, authorities=caller.authorities)


def _may_see(finding: Finding, caller: Caller) -> bool:
    is_own = finding.raised is not None and finding.raised.authority in own(caller)
    return is_own or caller.may(Scope.OVERSEE)
