"""The caller behind a request: ``Authorization: Bearer lk_…``."""

from collections.abc import Awaitable, Callable

from fastapi import Request

from linkage_runtime.access import ApiKeys, Caller, Scope
from linkage_runtime.http.problems import ProblemError


def caller_with(*any_of: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """A dependency: the caller, who has at least one of these rights.

    The application keeps its ``ApiKeys`` under ``app.state.api_keys``.
    """

    async def find(request: Request) -> Caller:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        api_keys: ApiKeys = request.app.state.api_keys
        caller = await api_keys.caller(key.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise ProblemError(
                401,
                "请在 Authorization 头中给出 Bearer 密钥 (send Authorization: Bearer <API key>)",
                headers={"WWW-Authenticate": "Bearer"},
            )
        request.state.caller = caller
        if not any(caller.may(scope) for scope in any_of):
            wanted = ", ".join(any_of)
            raise ProblemError(403, f"此密钥没有权限 (this key lacks the scope): {wanted}")
        return caller

    return find


def require_organisation(caller: Caller, organisation: str) -> None:
    """An organisation sees and does only what is its own; oversight may look at all."""
    if caller.organisation != organisation and not caller.may(Scope.OVERSEE):
        raise ProblemError(403, "只能查看和办理本单位的事项 (an organisation sees only its own)")
