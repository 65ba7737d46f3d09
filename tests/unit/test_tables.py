"""双公示 tables as departments really export them."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from linkage_runtime.tables import licences, penalties
from linkage_runtime.tables.reader import Row, Table, open_table
from linkage_runtime.tables.source import UnreadableTableError
from tests.unit.table_files import write_csv

LICENCE = {
    "行政相对人名称": "灵山县示例餐饮有限公司",
    "行政相对人类别": "法人及非法人组织",
    "行政相对人代码_1（统一社会信用代码）": "\uff19\uff11450721MA55AMPL13",  # two full-width digits
    "行政许可决定文书名称": "食品经营许可决定书",
    "行政许可决定文书号": "灵审批许〔2026〕1号",
    "许可类别": "普通",
    "许可内容": "热食类食品制售",
    "受理日期": "2026.10.30",
    "许可决定日期": "2026/11/2",
    "有效期自": "2026年11月2日",
    "有效期至": "2099/12/31",
    "许可机关统一社会信用代码": "11450721XN0721012K",
    "事项编码": "000131902000、000117901000",
    "告知承诺": "是",
    "容缺受理": "健康证明;租赁合同",
}


def read(path: Path) -> tuple[Table, list[Row]]:
    with open_table(path) as table:
        return table, list(table.rows)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_read_in_each_encoding_with_title_rows_and_blank_lines(
    tmp_path: Path, encoding: str
) -> None:
    rows = [["灵山县 2026 年行政许可公示表"], [], list(LICENCE), [], list(LICENCE.values()), [""]]
    table, [row] = read(write_csv(tmp_path / "x.csv", rows, encoding))
    assert table.kind == "licences"
    assert row.cells["XK_XDR_MC"] == "灵山县示例餐饮有限公司"


def test_a_row_becomes_a_submission_with_dates_codes_and_lists_put_right(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [list(LICENCE), list(LICENCE.values())], "utf-8")
    _, [row] = read(path)
    submission = licences.submission_of(row.cells)
    assert submission["party"]["code"] == "91450721MA55AMPL13"
    assert submission["party"]["kind"] == "legal_person"
    assert submission["decided_on"] == submission["valid_from"] == "2026-11-02"
    assert submission["accepted_on"] == "2026-10-30"
    assert submission["valid_until"] == "2099-12-31"
    assert submission["items"] == ["000131902000", "000117901000"]
    assert submission["commitment"] == {"text": "按告知承诺书"}
    assert submission["tolerance"] == {"missing": ["健康证明", "租赁合同"]}
    assert submission["kind"] == "granted"


def test_a_spreadsheet_keeps_its_row_numbers_and_real_dates(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["标题"])
    sheet.append(["XK_WSH", "XK_XDR_MC", "XK_XDR_SHXYM", "XK_JDRQ", "XK_XKJGDM"])
    sheet.append([])
    sheet.append(["1号", "甲", "91450721MA55AMPL13", date(2026, 11, 2), "11450721XN0721012K"])
    book.save(tmp_path / "x.xlsx")
    _, [row] = read(tmp_path / "x.xlsx")
    assert row.number == 4
    assert licences.submission_of(row.cells)["decided_on"] == "2026-11-02"


def test_what_cannot_be_understood_is_passed_on_for_the_api_to_judge() -> None:
    submission = licences.submission_of({"XK_JDRQ": "去年", "KIND": "考虑中", "XK_WSH": "1号"})
    assert submission["decided_on"] == "去年"
    assert submission["kind"] == "考虑中"


def test_a_missing_document_number_is_the_licence_number() -> None:
    assert licences.submission_of({"XK_XKBH": "JY1"})["document_number"] == "JY1"


def test_a_penalty_row_gives_yuan_and_two_digit_kinds() -> None:
    submission = penalties.submission_of(
        {"CF_WSH": "1", "CF_CFLB": "罚款、没收违法所得", "CF_NR_FK": "0.2", "CF_JDRQ": "20261101"}
    )
    assert submission["kinds"] == ["02", "03"]
    assert submission["fine"] == "2000.0"
    assert submission["found_on"] == "2026-11-01"


def test_a_file_that_is_no_such_table_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTableError, match="行政许可决定文书号"):
        read(write_csv(tmp_path / "x.csv", [["a", "b"], ["1", "2"]]))
    (tmp_path / "x.xlsx").write_bytes(b"no zip")
    with pytest.raises(UnreadableTableError, match="XLSX"):
        read(tmp_path / "x.xlsx")
