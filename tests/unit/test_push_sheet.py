"""The 待办 sheet: what it tells, what a clerk fills in, and what comes of it."""

from collections.abc import AsyncIterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import httpx
import pytest
from openpyxl import load_workbook

from linkage_contracts.codes import Duty, PartyKind
from linkage_contracts.ids import push_id
from linkage_contracts.parties import Party
from supervision_push.adapters.sheets import sheet_reading
from supervision_push.adapters.sheets.http_sheets import XLSX
from supervision_push.adapters.sheets.sheet_columns import FILLED, TITLES
from supervision_push.application.act_by_sheet import FilledRow, SheetActs, act_by_sheet
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.enrol_parties import EnrolParties
from supervision_push.application.return_pushes import ReturnPushes
from supervision_push.domain.pool import pool_id
from supervision_push.domain.steps import PushState
from tests.unit.push_builders import FIRE, MARKET, NOON, a_catalogue, a_commitment, a_decision
from tests.unit.push_sheets import a_sheet, fill_in, rows_in, sheet_client, sheet_in, uploaded
from tests.unit.push_stage import MemoryStage, memory_stage
from tests.unit.test_push_api import as_

EVENT = a_decision(a_catalogue(), commitment=a_commitment())
OTHER = a_decision(a_catalogue(), number="灵审批〔2026〕2号")
PUSH, SECOND = (push_id(event.id, MARKET, 0) for event in (EVENT, OTHER))
DOWNLOAD = "/v1/pushes.xlsx"
UPLOAD = "/v1/pushes:upload"


@pytest.fixture
async def stage() -> MemoryStage:
    opened = memory_stage()
    await opened.route(EVENT, OTHER)
    return opened


@pytest.fixture
async def client(stage: MemoryStage) -> AsyncIterator[httpx.AsyncClient]:
    async with sheet_client(stage) as opened:
        yield opened


async def test_the_sheet_tells_what_is_owed_by_when_with_columns_to_fill_in(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get(DOWNLOAD)
    assert answer.headers["content-type"] == XLSX
    rows = {row["push_id"]: row for row in rows_in(answer.content)}
    assert rows.keys() == {PUSH, SECOND}
    row = rows[PUSH]
    assert (row["state"], row["party"], row["items"]) == ("待签收", "某食品有限公司", "事项")
    assert (row["document_number"], row["decided_on"]) == ("灵审批〔2026〕1号", "2026-11-23")
    assert row["owed"] == "签收、纳入监管、监督检查、承诺核查"
    assert "签收 2026-11-25" in row["due"]
    assert "承诺核查 2027-01-23" in row["due"]
    sheet = sheet_in(answer.content)
    assert sheet.freeze_panes == "D2"
    assert [cell.value for cell in sheet[1]][-len(FILLED) :] == [one.title for one in FILLED]
    offered = [rule.formula1 for rule in sheet.data_validations.dataValidation]
    assert {'"是"', '"监督检查,承诺核查"', '"符合,基本符合,不符合"'} <= set(offered)


async def test_what_is_done_is_owed_no_more(client: httpx.AsyncClient, stage: MemoryStage) -> None:
    await stage.receive(MARKET, PUSH)
    await stage.return_(MARKET, SECOND)
    (row,) = rows_in((await client.get(DOWNLOAD)).content)
    assert (row["state"], row["owed"]) == ("已签收", "纳入监管、监督检查、承诺核查")
    assert row["received_at"].startswith("2026-11-23 12:")
    assert not row["due"].startswith("签收")


async def test_a_row_may_sign_enrol_and_feed_back_at_once_and_a_second_upload_changes_nothing(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    blank = (await client.get(DOWNLOAD)).content
    first = next(number for number, row in enumerate(rows_in(blank)) if row["push_id"] == PUSH)
    said = {
        "by": "王科长",
        "receive": "是",
        "enrol_note": "00042",
        "duty": "监督检查",
        "finding": "基本符合",
        "note": "限期整改后复查",
    }
    file = fill_in(blank, *[{}] * first, said)
    told = await uploaded(client, file)
    assert told["counts"] == {"done": 1, "known": 0, "wrong": 0, "empty": 1}
    (row,) = told["rows"]
    assert (row["row"], row["push_id"], row["errors"]) == (first + 2, PUSH, [])
    assert row["done"] == ["receive", "enrol", "feed_back"]
    push = await stage.push(EVENT, MARKET)
    assert push.receipt
    assert push.receipt.by == "王科长"
    assert push.enrolment
    assert push.enrolment.note == "00042"
    fed = push.feedback_on(Duty.INSPECTION)
    assert fed
    assert (fed.outcome, fed.note) == ("mostly_conforms", "限期整改后复查")
    published = list(stage.publisher.published)
    again = await uploaded(client, file)
    assert again["counts"] == {"done": 0, "known": 1, "wrong": 0, "empty": 1}
    assert again["rows"][0]["known"] == ["receive", "enrol", "feed_back"]
    assert stage.publisher.published == published


async def test_a_copied_row_feeds_back_on_a_second_duty(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    one = {"push_id": PUSH, "by": "a", "receive": "是", "duty": "监督检查", "finding": "符合"}
    two = {"push_id": PUSH, "by": "a", "duty": "承诺核查", "finding": "承诺属实"}
    told = await uploaded(client, a_sheet(one, two))
    assert [row["outcome"] for row in told["rows"]] == ["done", "done"]
    fed = {one.duty: one.outcome for one in (await stage.push(EVENT, MARKET)).feedback}
    assert fed == {Duty.INSPECTION: "conforms", Duty.COMMITMENT_CHECK: "承诺属实"}


async def test_a_return_goes_to_whom_the_list_names(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    row = {"push_id": PUSH, "by": "a", "return_reason": "消防职责", "suggested": f"{FIRE} 消防"}
    told = await uploaded(client, a_sheet(row))
    assert told["rows"][0]["done"] == ["return"]
    assert (await stage.push(EVENT, MARKET)).state is PushState.RETURNED
    assert (await stage.push(EVENT, FIRE, 1, pool_id(EVENT.id, PUSH))).recipient == FIRE


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ({"receive": "是"}, "by", "missing"),
        ({"by": "a", "receive": "好"}, "receive", "enum"),
        ({"by": "11010519491231002X", "receive": "是"}, "by", "value_error"),
        ({"by": "a", "suggested": FIRE}, "return_reason", "missing"),
        ({"by": "a", "receive": "是", "return_reason": "不是"}, "return_reason", "conflict"),
        ({"by": "a", "duty": "监督检查"}, "finding", "missing"),
        ({"by": "a", "finding": "符合"}, "duty", "missing"),
        ({"by": "a", "duty": "体检", "finding": "符合"}, "duty", "enum"),
        ({"by": "a", "enrol": "是", "enrol_note": "长" * 1_001}, "enrol_note", "string_too_long"),
        ({"by": "a", "receive": "是", "push_id": None}, "push_id", "missing"),
        ({"by": "a", "receive": "是", "push_id": "nobody's"}, "receive", "refused"),
        ({"by": "a", "enrol": "是"}, "enrol", "refused"),
    ],
)
async def test_a_mistake_names_row_column_rule_and_remedy_and_costs_no_other_row(
    client: httpx.AsyncClient,
    stage: MemoryStage,
    row: dict[str, str],
    column: str,
    rule: str,
) -> None:
    good = {"push_id": SECOND, "by": "a", "receive": "是"}
    told = await uploaded(client, a_sheet({"push_id": PUSH} | row, good))
    assert [one["outcome"] for one in told["rows"]] == ["wrong", "done"]
    found = {(error["column"], error["rule"]): error for error in told["rows"][0]["errors"]}
    error = found[TITLES[column], rule]
    assert error["pointer"] == f"/2/{TITLES[column]}"
    assert all(error[name] for name in ("zh", "en", "remedy_zh", "remedy_en"))
    assert (await stage.push(EVENT, MARKET)).state is PushState.OPEN


async def test_a_sheet_that_is_asked_for_tells_each_row_and_may_be_sent_again(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    file = a_sheet(
        {"push_id": PUSH, "by": "a", "receive": "是"},
        {"push_id": SECOND, "by": "a", "enrol": "是"},
        {"push_id": "x", "party": "未填"},
    )
    answer = await client.post(UPLOAD, content=file, headers={"Accept": XLSX})
    rows = rows_in(answer.content)
    assert [row["outcome"] for row in rows] == ["已办理", "有误", "未填写"]
    assert rows[0]["remarks"] == "签收:已办理"
    assert "请先签收" in rows[1]["remarks"]
    again = await uploaded(client, answer.content)
    assert again["counts"] == {"done": 0, "known": 1, "wrong": 1, "empty": 1}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")'])
async def test_what_comes_from_data_is_never_calculated(name: str) -> None:
    stage = memory_stage()
    party = Party(key="1", kind=PartyKind.LEGAL_PERSON, name=name)
    await stage.route(a_decision(a_catalogue(), party=party))
    async with sheet_client(stage) as client:
        file = (await client.get(DOWNLOAD)).content
    cell = sheet_in(file)["C2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (name, "s", True)


async def test_nobody_downloads_or_fills_in_what_is_anothers(
    client: httpx.AsyncClient, stage: MemoryStage
) -> None:
    other = await client.get(DOWNLOAD, params={"organisation": MARKET}, headers=as_(FIRE))
    assert other.status_code == 403
    file = a_sheet({"push_id": PUSH, "by": "a", "receive": "是"})
    answer = await client.post(UPLOAD, content=file, headers=as_(FIRE))
    assert answer.json()["rows"][0]["errors"][0]["rule"] == "refused"
    reader = as_(f"{MARKET}/feed:read")
    assert (await client.get(DOWNLOAD, headers=reader)).status_code == 200
    assert (await client.post(UPLOAD, content=file, headers=reader)).status_code == 403
    assert (await stage.push(EVENT, MARKET)).state is PushState.OPEN


def a_bomb(parts: int, size: int) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(parts):
            archive.writestr(f"xl/{number}.xml", b" " * size)
    return file.getvalue()


@pytest.mark.parametrize(
    "file", [b"", b"push_id,by\n1,2", a_bomb(1, 10), b"PK\x03\x04" + b"x" * 99]
)
async def test_what_is_no_workbook_is_refused(client: httpx.AsyncClient, file: bytes) -> None:
    answer = await client.post(UPLOAD, content=file)
    assert (answer.status_code, answer.json()["status"]) == (422, 422)


async def test_a_workbook_without_our_header_is_refused(client: httpx.AsyncClient) -> None:
    book = load_workbook(BytesIO(a_sheet()))
    book.worksheets[0].delete_rows(1)
    file = BytesIO()
    book.save(file)
    answer = await client.post(UPLOAD, content=file.getvalue())
    assert answer.status_code == 422
    assert "推送编号" in answer.json()["detail"]


async def test_what_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.post(UPLOAD, content=a_bomb(1, 65 * 2**20))).status_code == 413
    assert (await client.post(UPLOAD, content=a_bomb(101, 10))).status_code == 413
    assert (await client.post(UPLOAD, content=a_bomb(1, 5 * 2**20))).status_code == 413
    monkeypatch.setattr(sheet_reading, "MAX_ROWS", 2)
    many = a_sheet(*({"push_id": str(number)} for number in range(3)))
    assert (await client.post(UPLOAD, content=many)).status_code == 413


async def test_as_many_reasons_to_return_as_rows_are_a_handful_of_commands_too() -> None:
    commands: list[ReturnPushes] = []

    async def return_(command: ReturnPushes, actor: Actor) -> Outcome:
        commands.append(command)
        return Outcome(done=tuple(command.reasons))

    async def never(command: object, actor: Actor) -> Outcome:
        raise AssertionError(command)

    rows = [
        FilledRow(number=number, push_id=str(number), by="a", return_reason=f"原因{number}")
        for number in range(10_000)
    ]
    acts = SheetActs(receive=never, return_=return_, enrol=never, feed_back=never)
    await act_by_sheet(rows, actor=Actor(organisation=MARKET, at=NOON), acts=acts)
    assert [len(command.reasons) for command in commands] == [1_000] * 10
    assert commands[3].reasons["3042"].text == "原因3042"


async def test_ten_thousand_rows_are_a_handful_of_commands() -> None:
    commands: list[EnrolParties] = []

    async def enrol(command: EnrolParties, actor: Actor) -> Outcome:
        commands.append(command)
        return Outcome(done=tuple(command.notes))

    async def never(command: object, actor: Actor) -> Outcome:
        raise AssertionError(command)

    rows = [
        FilledRow(
            number=number, push_id=str(number), by="a", enrol=True, enrol_note=f"第{number}号"
        )
        for number in range(10_000)
    ]
    acts = SheetActs(receive=never, return_=never, enrol=enrol, feed_back=never)
    outcomes = await act_by_sheet(rows, actor=Actor(organisation=MARKET, at=NOON), acts=acts)
    assert len(outcomes) == 10_000
    assert [len(command.notes) for command in commands] == [1_000] * 10
    assert commands[3].notes["3042"] == "第3042号"
