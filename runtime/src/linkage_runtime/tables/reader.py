"""Reads a table row by row, whatever stands above its header, in constant memory.

XLSX, or CSV in UTF-8 (with or without a byte-order mark) or GB18030.
"""

import codecs
import csv
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from linkage_runtime.errors import PermanentError
from linkage_runtime.tables.columns import LICENCE_COLUMNS, PENALTY_COLUMNS, fold

_HEADER_WITHIN = 20
"""A header further down than this is no header; title rows are one to five in what we have seen."""
_LEAST_COLUMNS = 5
_CHUNK = 1 << 20
_UNREADABLE = (
    *(BadZipFile, InvalidFileException, zlib.error, EOFError, OSError, NotImplementedError),
    # What openpyxl stumbles over in parts that are missing or make no sense (ParseError among it).
    *(LookupError, ValueError, TypeError, AttributeError, SyntaxError, RuntimeError),
)


class UnreadableTableError(PermanentError):
    """The file is no table that we know."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file, counted from 1 as a spreadsheet shows it, and its cells."""

    number: int
    cells: Mapping[str, str]
    """By official code; only cells that are not empty."""
    raw: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose header was found."""

    kind: str
    """``licences`` or ``penalties``."""
    titles: Sequence[str]
    rows: Iterator[Row]


def open_table(path: Path) -> Table:
    """Find the header and hand out the rows below it.

    Raises:
        UnreadableTableError: not XLSX or CSV, or no header among the first twenty rows.
    """
    numbered = enumerate(_raw_rows(path), start=1)
    for number, raw in numbered:
        folded = [fold(title) for title in raw]
        for kind, known in (("licences", LICENCE_COLUMNS), ("penalties", PENALTY_COLUMNS)):
            codes = [known.get(title) for title in folded]
            own = {code for code in codes if code}
            if len(own) >= _LEAST_COLUMNS and any(code in own for code in ("XK_WSH", "CF_WSH")):
                return Table(kind, raw, _rows(numbered, codes))
        if number >= _HEADER_WITHIN:
            break
    raise UnreadableTableError(
        f"{path.name}: 前 {_HEADER_WITHIN} 行中找不到表头,须含“行政许可决定文书号”(XK_WSH)或"
        f"“行政处罚决定书文号”(CF_WSH) 等列 (no header row with the 双公示 columns was found)"
    )


def _rows(numbered: Iterable[tuple[int, list[str]]], codes: Sequence[str | None]) -> Iterator[Row]:
    for number, raw in numbered:
        cells = {
            code: text
            for code, cell in zip(codes, raw, strict=False)
            if code and (text := cell.strip())
        }
        if cells:
            yield Row(number, cells, raw)


def _raw_rows(path: Path) -> Iterator[list[str]]:
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return xlsx_rows(path, path.name)
    return _csv_rows(path)


def xlsx_rows(
    file: Path | BinaryIO,
    name: str,
    *,
    title: str | None = None,
    upto: tuple[int, int] | None = None,
) -> Iterator[list[str]]:
    """The rows of one sheet as text, in constant memory.

    Args:
        file: a path, or what is read like a file.
        name: what it is called in messages.
        title: of the sheet; the first one where there is none of this title.
        upto: how many rows and columns are looked at; all that there are, where it is not given.

    Raises:
        UnreadableTableError: it is no XLSX, or breaks off.
    """
    try:
        rows, columns = upto or (None, None)
        with closing(load_workbook(file, read_only=True, data_only=True)) as book:
            sheet = book[title] if title in book.sheetnames else book.worksheets[0]
            for values in sheet.iter_rows(values_only=True, max_row=rows, max_col=columns):
                yield [_text(value) for value in values]
    except _UNREADABLE as error:
        raise UnreadableTableError(f"{name}: 不是可读的 XLSX (not a readable XLSX)") from error


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            # Codes typed as numbers come back as 1.0; amounts are the same number either way.
            return str(int(value))
        case _:
            return str(value)


def _csv_rows(path: Path) -> Iterator[list[str]]:
    with path.open(encoding=_encoding(path), newline="") as file:
        try:
            delimiter = _delimiter(file.readline())
            file.seek(0)
            yield from csv.reader(file, delimiter=delimiter)
        except (csv.Error, UnicodeDecodeError) as error:
            raise UnreadableTableError(
                f"{path.name}: 不是可读的 CSV (not a readable CSV)"
            ) from error


def _delimiter(first_line: str) -> str:
    return "\t" if first_line.count("\t") > first_line.count(",") else ","


def _encoding(path: Path) -> str:
    """UTF-8 if the whole file is that, else GB18030, of which any byte string may be."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"
