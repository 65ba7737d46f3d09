"""Files as hostile, damaged or clumsy as departments send them: a bad row costs no good one."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from linkage_runtime.tables.cells import iso_date
from linkage_runtime.tables.reader import Row, open_table
from linkage_runtime.tables.source import Reach, UnreadableTableError
from tests.unit.table_files import HEADER, a_row, inline, shared, write_csv, write_xlsx

MEGABYTE = 1 << 20


def rows_of(path: Path) -> list[Row]:
    with open_table(path) as table:
        return list(table.rows)


def rules(row: Row) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.rule) for fault in row.faults]


def numbers(rows: list[Row]) -> list[str]:
    return [row.cells["XK_WSH"] for row in rows if not row.faults]


# ------------------------------------------------------------------------------------- memory


def a_csv(path: Path, rows: int) -> Path:
    return write_csv(path, (HEADER, *map(a_row, range(rows))))


def an_inline_xlsx(path: Path, rows: int) -> Path:
    lines = (inline(at + 2, a_row(at)) for at in range(rows))
    return write_xlsx(path, (inline(1, HEADER), *lines))


def a_shared_xlsx(path: Path, rows: int) -> Path:
    width = len(HEADER)
    texts = [*HEADER, *(cell for at in range(rows) for cell in a_row(at))]
    lines = (shared(at + 1, range(at * width, (at + 1) * width)) for at in range(rows + 1))
    return write_xlsx(path, lines, strings=texts)


@pytest.mark.parametrize(
    ("make", "suffix"), [(a_csv, "csv"), (an_inline_xlsx, "xlsx"), (a_shared_xlsx, "xlsx")]
)
def test_six_times_the_rows_take_no_more_memory(
    tmp_path: Path, make: Callable[[Path, int], Path], suffix: str
) -> None:
    def peak(rows: int) -> int:
        path = make(tmp_path / f"{rows}.{suffix}", rows)
        tracemalloc.start()
        try:
            with open_table(path) as table:
                assert sum(1 for _ in table.rows) == rows
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(1)  # what is imported and cached once
    few, many = peak(2_000), peak(12_000)
    # Held whole, the texts of 10,000 rows more take over five megabytes.
    assert many < few + MEGABYTE


# ------------------------------------------------------------------------------------- CSV


def test_bad_lines_of_a_csv_cost_no_good_ones(tmp_path: Path) -> None:
    good = [",".join(a_row(at)).encode() for at in range(6)]
    path = tmp_path / "x.csv"
    path.write_bytes(
        b"\xef\xbb\xbf"
        + b"\r\n".join([",".join(HEADER).encode(), good[0]])
        + b"\r"
        + good[1]
        + b"\n"
        + good[2].replace("热".encode(), b"\xff\xe7")
        + b"\n"
        + b"x," * 20
        + b"9" * (30 * MEGABYTE)
        + b"\n"
        + good[3]
        + b"\n"
        + b'"never closed,'
        + good[4]
        + b"\n"
        + good[5]
    )
    rows = rows_of(path)
    assert numbers(rows) == [a_row(at)[0] for at in (0, 1, 3)]
    garbled, huge, swallowed = [row for row in rows if row.faults]
    assert rules(garbled) == [("XK_NR", "undecodable")]
    assert rules(huge) == rules(swallowed) == [("", "csv_unreadable")]
    assert "第 7–8 行" in swallowed.faults[0].zh
    assert (huge.number, len(huge.raw[0])) == (5, 200)


def test_a_csv_is_told_by_its_content_and_its_delimiter_by_more_than_its_title(
    tmp_path: Path,
) -> None:
    lines = ["灵山县, 行政许可公示表", "\t".join(HEADER), "\t".join(a_row(1))]
    (tmp_path / "x.xls").write_bytes("\n".join(lines).encode("gb18030"))
    assert numbers(rows_of(tmp_path / "x.xls")) == [a_row(1)[0]]


def test_a_code_kept_as_text_by_a_formula_is_its_text(tmp_path: Path) -> None:
    row = [*a_row(1)[:2], '="0012"', *a_row(1)[3:5], "=1+1"]
    [read] = rows_of(write_csv(tmp_path / "x.csv", [HEADER, row]))
    assert read.cells["XK_XDR_SHXYM"] == "0012"
    assert rules(read) == [("XK_NR", "formula_without_value")]


def test_a_header_that_names_a_column_twice_is_refused_with_both_places(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [[*HEADER, "行政许可决定文书号"]])
    with pytest.raises(UnreadableTableError, match="第 1 列“XK_WSH”、第 7 列“行政许可决定文书号”"):
        rows_of(path)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("46027", "2026-01-05"),
        ("\uff14\uff16027", "2026-01-05"),
        ("73050", "2099-12-31"),
        ("99", "99"),
    ],
)
def test_a_date_that_lost_its_format_is_a_count_of_days(written: str, meant: str) -> None:
    assert iso_date(written) == meant


# ------------------------------------------------------------------------------------- XLSX


def test_a_dimension_that_was_never_updated_hides_no_row(tmp_path: Path) -> None:
    lines = [inline(1, HEADER), *(inline(at, a_row(at)) for at in range(2, 5))]
    path = write_xlsx(tmp_path / "x.xlsx", lines, dimension="A1:B2")
    assert len(rows_of(path)) == 3


def test_rows_beyond_the_limit_of_spreadsheets_and_prefixed_names_are_read(tmp_path: Path) -> None:
    lines = [inline(1, HEADER, "x"), inline(2_000_000_000, a_row(1), "x")]
    [row] = rows_of(write_xlsx(tmp_path / "x.xlsx", lines, prefix="x"))
    assert (row.number, row.cells["XK_WSH"]) == (2_000_000_000, a_row(1)[0])


def test_a_cell_in_an_absurd_column_takes_no_memory(tmp_path: Path) -> None:
    far = "<row r='2'><c r='A2'><v>1</v></c><c r='ZZZZZZ2'><v>1</v></c></row>"
    [row] = rows_of(write_xlsx(tmp_path / "x.xlsx", [inline(1, HEADER), far]))
    assert row.raw == ["1"]


def test_cells_without_a_value_are_named_by_column(tmp_path: Path) -> None:
    cells = "".join(
        (
            "<c r='A2'><f>B1&amp;1</f></c>",
            "<c r='B2' t='str'><f>A1</f><v>甲</v></c>",
            "<c r='C2' t='e'><v>#N/A</v></c>",
            f"<c r='F2' t='inlineStr'><is><t>{'长' * (8 * MEGABYTE)}</t></is></c>",
        )
    )
    lines = [inline(1, HEADER), f"<row r='2'>{cells}</row>", inline(3, a_row(3))]
    path = write_xlsx(tmp_path / "x.xlsx", lines)
    bad, good = rows_of(path)
    assert bad.cells["XK_XDR_MC"] == "甲"
    assert rules(bad) == [
        ("XK_WSH", "formula_without_value"),
        ("XK_XDR_SHXYM", "error_value"),
        ("XK_NR", "cell_too_long"),
    ]
    assert good.cells["XK_WSH"] == a_row(3)[0]


def test_dates_numbers_and_phonetic_readings_are_read_as_a_person_sees_them(
    tmp_path: Path,
) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    sheet.append(["号", "名", 450721.0, date(2026, 11, 2), 1e20, True])
    sheet["D2"].number_format = 'yyyy"年"m"月"d"日"'
    book.save(tmp_path / "x.xlsx")
    [row] = rows_of(tmp_path / "x.xlsx")
    assert list(row.cells.values()) == ["号", "名", "450721", "2026-11-02", str(10**20), "True"]
    phonetic = "<r><t>重</t></r><r><t>庆</t></r><rPh><t>chong</t></rPh>"
    strings = [*HEADER[:5], f"{HEADER[5]}</t></si><si>{phonetic}</si><si><t>_x000D_y"]
    lines = [shared(1, range(6)), shared(2, (6, 7))]
    [row] = rows_of(write_xlsx(tmp_path / "y.xlsx", lines, strings=strings))
    assert list(row.cells.values()) == ["重庆", "y"]


def test_other_sheets_are_told_and_a_sheet_of_instructions_is_passed_over(tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(["填报说明"])
    table = book.create_sheet("许可")
    table.append(HEADER)
    table.append(a_row(1))
    book.create_sheet("更多")
    book.save(tmp_path / "x.xlsx")
    with open_table(tmp_path / "x.xlsx") as opened:
        assert [row.cells["XK_WSH"] for row in opened.rows] == [a_row(1)[0]]
        assert list(opened.unread) == ["Sheet", "更多"]


def test_a_part_that_unpacks_to_an_absurd_size_is_refused_unread(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", [inline(1, HEADER)])
    with ZipFile(path) as archive, ZipFile(tmp_path / "bomb.xlsx", "w", ZIP_DEFLATED) as bomb:
        for part in archive.namelist():
            with bomb.open(part, "w") as written:
                written.write(archive.read(part))
                if part.endswith("sharedStrings.xml"):
                    for _ in range(80):
                        written.write(b" " * MEGABYTE)
    assert (tmp_path / "bomb.xlsx").stat().st_size < MEGABYTE
    with pytest.raises(UnreadableTableError, match="absurd size"):
        rows_of(tmp_path / "bomb.xlsx")


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", [inline(1, HEADER)])
    with ZipFile(path) as archive, ZipFile(tmp_path / "y.xlsx", "w") as laughs:
        for part in archive.namelist():
            content = archive.read(part)
            if part.endswith("workbook.xml"):
                content = b'<!DOCTYPE w [<!ENTITY a "ha">]>' + content
            laughs.writestr(part, content)
    with pytest.raises(UnreadableTableError, match="entities"):
        rows_of(tmp_path / "y.xlsx")


def test_a_workbook_of_elements_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", [inline(1, HEADER)])
    with ZipFile(path) as archive, ZipFile(tmp_path / "y.xlsx", "w", ZIP_DEFLATED) as deep:
        for part in archive.namelist():
            content = archive.read(part)
            if "worksheets" in part:
                content = b"<worksheet>" + b"<a>" * 200
            deep.writestr(part, content)
    with pytest.raises(UnreadableTableError, match="nested too deep"):
        rows_of(tmp_path / "y.xlsx")


def damaged(content: bytes) -> Iterator[bytes]:
    yield content[: len(content) // 2]
    yield b"PK\x03\x04"
    yield content.replace(b"xl/workbook.xml", b"xl/wurkbook.xml")
    yield b"\xd0\xcf\x11\xe0" + bytes(600)


def test_a_damaged_old_or_encrypted_workbook_is_refused_with_a_reason(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "x.xlsx", [inline(1, HEADER)])
    for content in damaged(path.read_bytes()):
        path.write_bytes(content)
        with pytest.raises(UnreadableTableError, match=r"x\.xlsx: "):
            rows_of(path)


def test_a_string_that_is_not_there_costs_its_row_only(tmp_path: Path) -> None:
    lines = [inline(1, HEADER), shared(2, [99]), inline(3, a_row(3))]
    bad, good = rows_of(write_xlsx(tmp_path / "x.xlsx", lines))
    assert rules(bad) == [("XK_WSH", "undecodable")]
    assert not good.faults


def test_damage_further_down_is_told_after_the_good_rows(tmp_path: Path) -> None:
    path = an_inline_xlsx(tmp_path / "x.xlsx", 12_000)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    good = 0
    with open_table(path) as table:
        rows = iter(table.rows)
        while good < 1_000:
            assert next(rows).cells["XK_WSH"] == a_row(good)[0]
            good += 1
        with pytest.raises(UnreadableTableError, match="damaged"):
            list(rows)


@pytest.mark.parametrize("make", [a_csv, a_shared_xlsx])
def test_the_share_that_was_read_grows_to_the_whole(
    tmp_path: Path, make: Callable[[Path, int], Path]
) -> None:
    seen: list[float] = []
    path = make(tmp_path / f"x.{make.__name__.rpartition('_')[2]}", 2_000)
    with open_table(path, Reach(lambda done, total: seen.append(done / total))) as table:
        list(table.rows)
    assert seen == sorted(seen)
    assert len(seen) > 5
    assert seen[-1] == 1
