"""``POST /v1/results`` and ``/v1/results:batch``: what supervision found comes in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.description import ALREADY_KNOWN
from linkage_runtime.http.problems import RETRY_AFTER_SECONDS, ProblemError
from supervision_push.adapters.results.result_rows import MAX_ROWS, NDJSON, Row, read_one, read_rows
from supervision_push.application.record_result import (
    Emitter,
    RecordResults,
    ResultAnswer,
    ResultStatus,
)
from supervision_push.domain.submitted_result import SUBMITTED_RESULT

Records = Callable[[RecordResults], Awaitable[list[ResultAnswer]]]
Supervisor = Annotated[Caller, Depends(caller_with(Scope.EMIT_RESULTS))]

_ROW_STATUS = {
    ResultStatus.ACCEPTED: "accepted",
    ResultStatus.KNOWN: "known",
    ResultStatus.CONFLICT: "conflict",
}


def results_router(record: Records) -> APIRouter:
    """The routes; bodies are read by hand, so that a bad row is answered as a row."""
    router = APIRouter(tags=["results 监管结果"])

    @router.post(
        "/v1/results",
        summary="报送监管结果 Post one result",
        status_code=202,
        responses=ALREADY_KNOWN,
        openapi_extra=_one_or_many(many=False),
    )
    async def post_one(request: Request, caller: Supervisor) -> JSONResponse:
        row = read_one(await request.body())
        answer = (await _answers([row], caller, record))[0]
        if answer.status is ResultStatus.ACCEPTED:
            return _told(202, answer)
        if answer.status is ResultStatus.KNOWN:
            return _told(200, answer)
        raise _problem(answer)

    @router.post(
        "/v1/results:batch",
        summary="批量报送监管结果 Post up to 5,000 results",
        openapi_extra=_one_or_many(many=True),
    )
    async def post_many(request: Request, caller: Supervisor) -> JSONResponse:
        rows = read_rows(await request.body(), request.headers.get("content-type", ""))
        answers = await _answers(rows, caller, record)
        counted = [_ROW_STATUS.get(answer.status, "rejected") for answer in answers]
        return JSONResponse(
            {
                "accepted": counted.count("accepted"),
                "known": counted.count("known"),
                "rejected": counted.count("rejected") + counted.count("conflict"),
                "results": [_row(index, answer) for index, answer in enumerate(answers)],
            }
        )

    return router


async def _answers(rows: Sequence[Row], caller: Caller, record: Records) -> list[ResultAnswer]:
    readable = [row for row in rows if not isinstance(row, tuple)]
    emitter = Emitter(
        organisation=caller.organisation, name=caller.name, authorities=caller.authorities
    )
    given = iter(await record(RecordResults(emitter=emitter, submissions=readable)))
    return [
        ResultAnswer(status=ResultStatus.REJECTED, faults=row)
        if isinstance(row, tuple)
        else next(given)
        for row in rows
    ]


def _told(status: int, answer: ResultAnswer) -> JSONResponse:
    return JSONResponse({"status": answer.status, "result_id": answer.result_id}, status)


def _problem(answer: ResultAnswer) -> ProblemError:
    match answer.status:
        case ResultStatus.CONFLICT:
            said = "同一文书号已有不同内容 (another content is recorded under this document number)"
            return ProblemError(409, said, result_id=answer.result_id)
        case ResultStatus.FORBIDDEN:
            return ProblemError(403, answer.faults[0].zh, faults=answer.faults)
        case ResultStatus.NOT_PUSHED:
            retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            return ProblemError(404, answer.faults[0].zh, faults=answer.faults, headers=retry)
        case _:
            count = len(answer.faults)
            said = f"{count} 处错误,均列于 errors ({count} mistakes, see errors)"
            return ProblemError(422, said, faults=answer.faults)


def _row(index: int, answer: ResultAnswer) -> dict[str, Any]:
    row: dict[str, Any] = {"row": index, "status": _ROW_STATUS.get(answer.status, "rejected")}
    if answer.result_id:
        row["result_id"] = answer.result_id
    if answer.faults:
        row["errors"] = [fault.as_dict() for fault in answer.faults]
    return row


def _one_or_many(*, many: bool) -> dict[str, Any]:
    whole = SUBMITTED_RESULT.json_schema()
    one = _inlined({"oneOf": whole["oneOf"]}, whole["$defs"])
    array = {"type": "array", "items": one, "maxItems": MAX_ROWS}
    content = {"application/json": {"schema": array if many else one}}
    if many:
        content[NDJSON] = {"schema": {"type": "string"}}
    return {"requestBody": {"required": True, "content": content}}


def _inlined(schema: object, named: dict[str, Any]) -> object:
    """Each reference replaced by what it names: it would point outside OpenAPI's own parts."""
    if isinstance(schema, list):
        return [_inlined(part, named) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(named[schema["$ref"].rpartition("/")[2]], named)
    return {key: _inlined(part, named) for key, part in schema.items()}
