"""Errors as RFC 9457 problem documents, Chinese first, each naming field, rule and remedy."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from linkage_runtime.errors import OutcomeUnknownError, PermanentError, TransientError
from linkage_runtime.faults import Fault, faults_of

log = structlog.get_logger()

RETRY_AFTER_SECONDS = 5
_NOT_ALLOWED = 405
MEDIA_TYPE = "application/problem+json"

_TITLES = {
    400: "请求无法读取 The request cannot be read",
    401: "缺少或无效的 API 密钥 Missing or unknown API key",
    403: "没有此项权限 Not allowed",
    404: "没有此记录 Not found",
    405: "不支持此方法 Method not allowed",
    409: "与已有记录冲突 Conflicts with what is recorded",
    410: "已不可用 Gone",
    413: "内容超过上限 Body too large",
    422: "内容不符合规则 The content breaks a rule",
    429: "请求过多 Too many requests",
    503: "系统暂时不可用 Temporarily unavailable",
}


class ProblemError(HTTPException):
    """An answer other than success, as its caller shall see it.

    A subclass of Starlette's, because FastAPI turns any other error of body parsing into a bare
    400.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **more: object,
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.body = problem(status, detail, faults=faults, **more)


def problem(
    status: int, detail: str, *, faults: Sequence[Fault] = (), **more: object
) -> dict[str, Any]:
    """The document; ``errors`` lists each mistake with its JSON pointer."""
    document: dict[str, Any] = {
        "type": f"urn:linkage:problem:{status}",
        "title": _TITLES.get(status, "无法完成 Not done"),
        "status": status,
        "detail": detail,
    }
    if faults:
        document["errors"] = [fault.as_dict() for fault in faults]
    return document | more


def answer_problems(app: FastAPI) -> None:
    """Let every error of this application leave as a problem document."""

    def respond(
        status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> JSONResponse:
        return JSONResponse(body, status, headers, MEDIA_TYPE)

    @app.exception_handler(ProblemError)
    async def _(_request: Request, error: ProblemError) -> JSONResponse:
        return respond(error.status_code, error.body, error.headers)

    @app.exception_handler(RequestValidationError)
    async def _(_request: Request, error: RequestValidationError) -> JSONResponse:
        faults = faults_of([e | {"loc": e["loc"][1:]} for e in error.errors()])
        detail = f"{len(faults)} 处错误,均列于 errors ({len(faults)} mistakes, see errors)"
        return respond(422, problem(422, detail, faults=faults))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> JSONResponse:
        headers = {"Allow": _allowed(request, error)} if error.status_code == _NOT_ALLOWED else None
        said = problem(error.status_code, str(error.detail))
        return respond(error.status_code, said, headers)

    @app.exception_handler(TransientError)
    async def _(request: Request, error: TransientError) -> JSONResponse:
        # The route: a path that a caller chose may name a person.
        route = getattr(request.scope.get("route"), "path", None)
        log.warning("answered 503", route=route, cause=str(error))
        unknown = isinstance(error, OutcomeUnknownError)
        detail = (
            "结果未知:请原样重发,同一内容只生效一次 "
            "(outcome unknown: repeat the same body, it takes effect once)"
            if unknown
            else "请稍后原样重发 (nothing was lost: repeat the same body later)"
        )
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return respond(503, problem(503, detail), headers)

    @app.exception_handler(PermanentError)
    async def _(_request: Request, error: PermanentError) -> JSONResponse:
        return respond(422, problem(422, str(error)))


def _allowed(request: Request, error: HTTPException) -> str:
    """All methods of the path: the router names only those of the first route that has it."""
    described = request.app.openapi()["paths"]
    methods = {
        method.upper()
        for path, operations in described.items()
        if compile_path(path)[0].match(request.scope["path"])
        for method in operations
    }
    first = (error.headers or {}).get("Allow", "")
    return ", ".join(sorted(methods | set(first.split(", ")) - {""}))
