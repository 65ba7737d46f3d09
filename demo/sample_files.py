"""Writes rows as departments really export them: mixed dates, full-width digits, blank lines.

The same rows give the same bytes: the time stamps inside the workbook are fixed.
"""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from sample_licences import Cell, Row

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")  # noqa: RUF001 -- on purpose
_CODES = ("XK_XDR_SHXYM", "XK_XDR_ZJHM", "ITEMS", "XK_XKBH", "CF_XDR_SHXYM")
_NAMES = ("XK_XDR_MC", "XK_WSH", "XK_XKZS", "CF_XDR_MC", "CF_WSH")
_STAMP = (2026, 1, 1, 0, 0, 0)

_STYLES: dict[str, Callable[[date], Cell]] = {
    "slash": lambda day: f"{day:%Y/%m/%d}",
    "dash": lambda day: f"{day:%Y-%m-%d}",
    "excel": lambda day: day,
}


class Untidiness:
    """Turns clean rows into what a clerk's export looks like."""

    def __init__(self, rng: Random, *, excel: bool) -> None:
        self._rng = rng
        self._styles = list(_STYLES) if excel else ["slash", "dash"]

    def cells(self, row: Row, columns: Iterable[str], *, quirks: bool) -> list[Cell]:
        """The row's cells in this order, dates in one style per row; quirks where allowed."""
        style = _STYLES[self._rng.choice(self._styles)]
        full_width = quirks and self._rng.random() < 0.02
        trailing = quirks and self._rng.random() < 0.03
        return [self._cell(row, name, style, full_width, trailing) for name in columns]

    @staticmethod
    def _cell(
        row: Row,
        name: str,
        style: Callable[[date], Cell],
        full_width: bool,  # noqa: FBT001 -- private, always by position
        trailing: bool,  # noqa: FBT001 -- private, always by position
    ) -> Cell:
        value = row[name]
        if isinstance(value, date):
            return style(value)
        if full_width and name in _CODES:
            return value.translate(_FULL_WIDTH)
        return f"{value}  " if trailing and value and name in _NAMES else value

    def is_followed_by_a_blank_line(self) -> bool:
        """Now and then somebody left a line empty."""
        return self._rng.random() < 0.004


def write_workbook(path: Path, lines: Iterable[list[Cell]]) -> None:
    """An .xlsx with one sheet, written as a stream."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("行政许可")
    for cells in lines:
        sheet.append(cells)
    book.save(path)
    _fix_time_stamps(path)


def write_csv(path: Path, encoding: str, lines: Iterable[list[Cell]]) -> None:
    """A .csv with the line ends of the standard; an empty list is a blank line."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(lines)


def _fix_time_stamps(path: Path) -> None:
    fixed = datetime(*_STAMP).isoformat()  # noqa: DTZ001 -- the format has no zone but Z
    with ZipFile(path) as source:
        parts = [(name, source.read(name)) for name in source.namelist()]
    with ZipFile(path, "w", ZIP_DEFLATED) as target:
        for name, content in parts:
            stamped = content
            if name == "docProps/core.xml":
                stamped = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+", fixed.encode(), content)
            target.writestr(ZipInfo(name, _STAMP), stamped, ZIP_DEFLATED)
