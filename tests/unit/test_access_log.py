"""Who asked what, and when: noted for every request, kept for as long as is set, and no longer."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http import access_log as access_log_module
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.access_log import LOST, FiledLog, access_log_of
from linkage_runtime.http.application import MAX_BODY_BYTES
from linkage_runtime.settings import AccessLogSettings
from tests.unit.noted import KEYED, ORGANISATION, NotedRequests, keyed_api
from tests.unit.traced import SAMPLED, TRACE, traced

# 23:59 and 00:01 of the next day in China.
EVENING = datetime(2026, 11, 28, 15, 59, tzinfo=UTC)
MORNING = EVENING + timedelta(minutes=2)
KEPT = timedelta(days=184)
ID_NUMBER = "450721190001010010"


def an_api(noted: NotedRequests) -> FastAPI:
    router = APIRouter()

    @router.post("/v1/open/{party}")
    async def take(party: str, request: Request) -> int:
        return len(await request.body())

    @router.get("/v1/decisions/{party}")
    async def may(caller: Annotated[Caller, Depends(caller_with(Scope.EMIT_DECISIONS))]) -> None:
        pass

    @router.get("/v1/catalogue")
    async def may_not(caller: Annotated[Caller, Depends(caller_with(Scope.ADMINISTER))]) -> None:
        pass

    return keyed_api(router, noted)


async def ask(api: FastAPI, method: str, path: str, **headers: str) -> int:
    transport = httpx.ASGITransport(api, client=("10.1.2.3", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        return (await client.request(method, path, headers=headers)).status_code


async def test_a_line_says_who_asked_for_which_route_and_what_came_of_it() -> None:
    noted = NotedRequests()
    with traced():
        path = f"/v1/decisions/{ID_NUMBER}?name={ID_NUMBER}"
        await ask(an_api(noted), "GET", path, traceparent=SAMPLED, **KEYED)
    (line,) = noted.lines
    assert datetime.fromisoformat(line.pop("at")).tzinfo
    assert 0 < line.pop("seconds") < 5
    assert line == {
        "peer": "10.1.2.3",
        "organisation": ORGANISATION,
        "key": "k1",
        "method": "GET",
        "route": "/v1/decisions/{party}",
        "status": 200,
        "trace_id": TRACE,
    }


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
async def test_what_is_refused_is_noted_too(kind: str) -> None:
    noted, of_kind = NotedRequests(), {"content-type": kind}
    api, large = an_api(noted), {"content-length": str(MAX_BODY_BYTES + 1)}
    assert await ask(api, "GET", f"/{ID_NUMBER}", **KEYED) == 404
    assert await ask(api, "GET", "/v1/openapi.json") == 401
    assert await ask(api, "POST", f"/v1/open/{ID_NUMBER}", **of_kind, **large) == 413
    assert await ask(api, "POST", f"/v1/open/{ID_NUMBER}", **of_kind) == 200
    assert await ask(api, "GET", "/v1/catalogue", **KEYED) == 403
    assert [(one["route"], one["status"], one["key"]) for one in noted.lines] == [
        ("unmatched", 404, None),
        ("/v1/openapi.json", 401, None),
        ("unmatched", 413, None),
        ("/v1/open/{party}", 200, None),
        ("/v1/catalogue", 403, "k1"),
    ]


@pytest.fixture
def filed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FiledLog:
    monkeypatch.setattr(access_log_module, "now", lambda: EVENING)
    return FiledLog("credit-api", tmp_path, KEPT)


def test_each_day_in_china_has_a_file(filed: FiledLog, tmp_path: Path) -> None:
    for at, line in [(EVENING, b"1\n"), (MORNING, b"2\n"), (EVENING, b"3\n")]:
        filed.write(at, line)
    # What began before midnight and ended after it stands on the new day.
    assert (tmp_path / "credit-api.2026-11-28.jsonl").read_bytes() == b"1\n"
    assert (tmp_path / "credit-api.2026-11-29.jsonl").read_bytes() == b"2\n3\n"


def test_what_is_older_than_is_kept_goes_with_the_next_day(filed: FiledLog, tmp_path: Path) -> None:
    last = date(2026, 11, 29) - KEPT
    mine = tmp_path / f"credit-api.{last}.jsonl"
    old = tmp_path / f"credit-api.{last - timedelta(days=1)}.jsonl"
    others = [tmp_path / f"other-api.{old.name[11:]}", tmp_path / "credit-api.notes.jsonl"]
    for file in (mine, old, *others):
        file.write_bytes(b"{}\n")
    filed.write(EVENING, b"1\n")
    assert old.exists()
    filed.write(MORNING, b"2\n")
    assert not old.exists()
    assert all(file.exists() for file in (mine, *others))


def test_a_day_that_cannot_be_begun_goes_on_in_the_last_file(
    filed: FiledLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as trouble:
        trouble.setattr(os, "open", full)
        filed.write(MORNING, b"1\n")
    filed.write(MORNING, b"2\n")
    assert (tmp_path / "credit-api.2026-11-28.jsonl").read_bytes() == b"1\n"
    assert (tmp_path / "credit-api.2026-11-29.jsonl").read_bytes() == b"2\n"


def test_a_line_that_is_lost_fails_no_request_and_is_counted(
    filed: FiledLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = LOST._value.get()

    def full(_: int, line: bytes) -> int:
        if line == b"none\n":
            raise OSError(28, "No space left on device")
        return 1

    monkeypatch.setattr(os, "write", full)
    filed.write(EVENING, b"none\n")
    filed.write(EVENING, b"half\n")
    assert LOST._value.get() == before + 2


def test_two_processes_of_one_name_share_a_file(filed: FiledLog, tmp_path: Path) -> None:
    FiledLog("credit-api", tmp_path, KEPT).write(EVENING, b"1\n")
    filed.write(EVENING, b"2\n")
    assert (tmp_path / "credit-api.2026-11-28.jsonl").read_bytes() == b"1\n2\n"


def test_without_a_folder_lines_go_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    access_log_of("credit-api", AccessLogSettings()).write(EVENING, b'{"a": 1}\n')
    assert json.loads(capfd.readouterr().out) == {"a": 1}


def test_a_folder_that_cannot_be_made_ends_the_process_at_its_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    settings = AccessLogSettings(access_log=tmp_path / "file" / "access")
    with pytest.raises(OSError, match="Not a directory"):
        access_log_of("credit-api", settings)
