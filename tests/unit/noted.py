"""An API that notes its requests in memory, and one key to it."""

import json
from datetime import datetime
from typing import Any

from fastapi import APIRouter, FastAPI

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.application import build_api

ORGANISATION = "11450721XN0721012K"
KEYED = {"Authorization": "Bearer lk_k1_s"}


class NotedRequests:
    """The lines that an API noted, read again."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def write(self, at: datetime, line: bytes) -> None:
        assert line.endswith(b"\n")
        self.lines.append(json.loads(line))
        assert self.lines[-1]["at"] == at.isoformat()


class OneKey:
    """Of a bureau that may emit."""

    async def caller(self, presented: str) -> Caller | None:
        known = Caller(
            key_id="k1",
            organisation=ORGANISATION,
            name="灵山县行政审批局",
            scopes=frozenset({Scope.EMIT_DECISIONS}),
            authorities=frozenset(),
        )
        return known if presented == "lk_k1_s" else None


def keyed_api(router: APIRouter, noted: NotedRequests) -> FastAPI:
    async def close() -> None:
        pass

    keys: Any = OneKey()
    return build_api(title="test", routers=[router], api_keys=keys, close=close, access_log=noted)
