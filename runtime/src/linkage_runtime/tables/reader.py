"""Reads a table row by row, whatever stands above its header, in constant memory.

XLSX, or CSV in UTF-8, UTF-16 or GB18030.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from linkage_runtime.faults import Fault
from linkage_runtime.tables.columns import LICENCE_COLUMNS, PENALTY_COLUMNS, fold
from linkage_runtime.tables.delimited import csv_sheets
from linkage_runtime.tables.source import Line, Reach, Sheet, UnreadableTableError
from linkage_runtime.tables.spreadsheet import xlsx_sheets
from linkage_runtime.tables.unusable import fault_in, is_suspect, unwrapped

_HEADER_WITHIN = 20
"""A header further down than this is no header; title rows are one to five in what we have seen."""
_LEAST_COLUMNS = 5
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_KINDS = (("licences", "XK_WSH", LICENCE_COLUMNS), ("penalties", "CF_WSH", PENALTY_COLUMNS))


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, counted from 1 as a spreadsheet shows it, and its cells."""

    number: int
    cells: Mapping[str, str]
    """By official code; only cells that are not empty."""
    raw: Sequence[str]
    faults: Sequence[Fault] = ()
    """What makes the row unusable before anyone looks at its content; by column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header was found."""

    kind: str
    """``licences`` or ``penalties``."""
    titles: Sequence[str]
    rows: Iterator[Row]
    unread: Sequence[str]
    """Other sheets of the workbook; tables on them are other tables."""


@contextmanager
def open_table(path: Path, reach: Reach | None = None) -> Iterator[Table]:
    """Find the header, in the first sheet that has one, and hand out the rows below it.

    Raises:
        UnreadableTableError: not XLSX or CSV, no header among the first twenty rows, or one that
            names a column twice.
    """
    with closing(_sheets(path, reach or Reach())) as sheets:
        yield _first_table(path, sheets)


def _first_table(path: Path, sheets: Iterator[Sheet]) -> Table:
    for sheet in sheets:
        for line in islice(sheet.lines, _HEADER_WITHIN):
            if found := _header(line.cells):
                kind, codes = found
                return Table(kind, line.cells, _rows(sheet.lines, codes), sheet.others)
    raise UnreadableTableError(
        f"{path.name}: 前 {_HEADER_WITHIN} 行中找不到表头,须含“行政许可决定文书号”(XK_WSH)或"
        f"“行政处罚决定书文号”(CF_WSH) 等列 (no header row with the 双公示 columns was found)"
    )


def _sheets(path: Path, reach: Reach) -> Generator[Sheet, None, None]:
    """By what the file is, not by how it is called: exports called .xls are often CSV."""
    with path.open("rb") as file:
        begins = file.read(4)
    if begins == _OLD_OFFICE:
        raise UnreadableTableError(
            f"{path.name}: 旧版 .xls 或已加密,请另存为不加密的 .xlsx "
            "(an old .xls, or encrypted: save it as .xlsx without a password)"
        )
    if begins == _ZIP or path.suffix.lower() in {".xlsx", ".xlsm"}:
        return xlsx_sheets(path, reach, name=path.name)
    return csv_sheets(path, reach)


def _header(titles: Sequence[str]) -> tuple[str, Sequence[str | None]] | None:
    folded = [fold(title) for title in titles]
    for kind, number, known in _KINDS:
        codes = [known.get(title) for title in folded]
        if number in codes and len({code for code in codes if code}) >= _LEAST_COLUMNS:
            _refuse_twice(titles, codes)
            return kind, codes
    return None


def _refuse_twice(titles: Sequence[str], codes: Sequence[str | None]) -> None:
    places: defaultdict[str, list[str]] = defaultdict(list)
    for place, (title, code) in enumerate(zip(titles, codes, strict=True), start=1):
        if code:
            places[code].append(f"第 {place} 列“{title.strip()}”")
    if twice := ["、".join(at) for at in places.values() if len(at) > 1]:
        raise UnreadableTableError(
            f"表头有重复的列: {'; '.join(twice)}。请只保留一列 "
            "(the header names a column twice: keep one)"
        )


def _rows(lines: Iterable[Line], codes: Sequence[str | None]) -> Iterator[Row]:
    for line in lines:
        if line.fault:
            yield Row(line.number, {}, line.cells, (line.fault,))
            continue
        cells = {
            code: text
            for code, cell in zip(codes, line.cells, strict=False)
            if code and (text := cell.strip())
        }
        if is_suspect(cells.values()):
            cells = {code: text for code, cell in cells.items() if (text := unwrapped(cell))}
            faults = [fault for of in cells.items() if (fault := fault_in(*of))]
            yield Row(line.number, cells, line.cells, faults)
        elif cells:
            yield Row(line.number, cells, line.cells)
