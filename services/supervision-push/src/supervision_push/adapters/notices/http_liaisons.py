"""``/v1/organisations/{organisation}/liaisons``: who is told of an organisation's work, and how."""

import re
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from linkage_runtime.access import Caller, Scope
from linkage_runtime.faults import Fault
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.pushes.http_push_models import Clerk
from supervision_push.application.name_liaisons import NameLiaisons
from supervision_push.application.notice_ports import NoticeReaders
from supervision_push.domain.digest import Liaison, NoticeReader, Via

MOST = 20
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_{|}~-]+"
# Without =?, which mail programs take for the beginning of an encoded word.
_MAILBOX = re.compile(rf"(?!.*=\?){_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")

Names = Callable[[NameLiaisons], Awaitable[None]]
Naming = Annotated[
    Caller, Depends(caller_with(Scope.ACT_ON_PUSHES, Scope.ACT_ON_RESULTS, Scope.ADMINISTER))
]


def _one_line(value: str) -> str:
    if not value.isprintable():
        raise ValueError("不得含换行等控制字符 (no line breaks or control characters)")
    return value


class LiaisonBody(BaseModel):
    """One 联络员."""

    model_config = ConfigDict(extra="forbid")

    name: Clerk
    via: Via
    address: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]


class LiaisonsBody(BaseModel):
    """All of them."""

    model_config = ConfigDict(extra="forbid")

    liaisons: Annotated[list[LiaisonBody], Field(max_length=MOST)]


def liaisons_router(name: Names, readers: NoticeReaders, ways: Collection[Via]) -> APIRouter:
    """Everybody names their own; an administrator names anybody's.

    Args:
        name: the use case.
        readers: who was named.
        ways: those that the operator configured.
    """
    router = APIRouter(prefix="/v1/organisations", tags=["liaisons 联络员"])

    @router.put("/{organisation}/liaisons", summary="设置联络员 Name the liaisons")
    async def put(organisation: str, body: LiaisonsBody, caller: Naming) -> dict[str, Any]:
        """Replaces all; none ends the messages."""
        _own(caller, organisation)
        _refuse_unknown_ways(body, ways)
        liaisons = [Liaison(**one.model_dump()) for one in body.liaisons]
        await name(NameLiaisons(organisation=organisation, liaisons=liaisons))
        return await read(organisation, caller)

    @router.get("/{organisation}/liaisons", summary="查看联络员 Who is told")
    async def read(organisation: str, caller: Naming) -> dict[str, Any]:
        """With how the last message fared."""
        _own(caller, organisation)
        found = await readers.find(organisation)
        return {"organisation": organisation, **(_view(found) if found else {"liaisons": []})}

    return router


def _own(caller: Caller, organisation: str) -> None:
    if caller.organisation != organisation and not caller.may(Scope.ADMINISTER):
        raise ProblemError(403, "只能设置本单位的联络员 (an organisation names only its own)")


def _refuse_unknown_ways(body: LiaisonsBody, ways: Collection[Via]) -> None:
    faults = [
        _fault(number, one) for number, one in enumerate(body.liaisons) if one.via not in ways
    ]
    faults += [
        Fault(
            pointer=f"/liaisons/{number}/address",
            rule="mailbox",
            zh="不是电子邮箱",
            en="not a mailbox",
            remedy_zh="请写作 name@example.cn",
            remedy_en="write name@example.cn",
        )
        for number, one in enumerate(body.liaisons)
        if one.via is Via.EMAIL and not _MAILBOX.fullmatch(one.address)
    ]
    if faults:
        detail = f"{len(faults)} 处错误,均列于 errors ({len(faults)} mistakes, see errors)"
        raise ProblemError(422, detail, faults=faults)


def _fault(number: int, one: LiaisonBody) -> Fault:
    return Fault(
        pointer=f"/liaisons/{number}/via",
        rule="configured",
        zh=f"本系统未启用此方式: {one.via}",
        en=f"this way of telling is not configured: {one.via}",
        remedy_zh="请换一种方式,或请运维人员启用",
        remedy_en="choose another, or ask the operator to configure it",
    )


def _view(reader: NoticeReader) -> dict[str, Any]:
    view = {
        "liaisons": [
            {"name": one.name, "via": one.via, "address": one.address} for one in reader.liaisons
        ],
        "told_at": reader.sent_at,
        "failures": reader.failures or None,
        "cause": reader.cause,
    }
    return {key: value for key, value in view.items() if value is not None}
