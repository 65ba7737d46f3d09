"""XLSX sheets line by line, in memory that does not grow with their lines.

openpyxl's read-only mode holds all shared strings, stops at the sheet's declared dimension, which
some programs never bring up to date, and takes several times as long.
"""

import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from xml.parsers.expat import ExpatError
from zipfile import BadZipFile, ZipFile

from linkage_runtime.tables.shared_strings import SharedStrings
from linkage_runtime.tables.source import (
    LONGEST_CELL,
    LONGEST_LINE,
    Line,
    Reach,
    Sheet,
    UnreadableTableError,
)
from linkage_runtime.tables.workbook import Workbook, workbook_of
from linkage_runtime.tables.xml_parts import size_of, walk

_UNKNOWN = "\ufffd"
_MOST_COLUMNS = 16_384
"""No spreadsheet program takes more."""


def xlsx_sheets(file: Path | BinaryIO, reach: Reach, *, name: str) -> Generator[Sheet, None, None]:
    """The sheets that are not hidden, in order; each is to be read before the next is asked for.

    Args:
        file: a path, or what can be read like a file.
        reach: is told how far the reading has come.
        name: what the file is called in messages.

    Raises:
        UnreadableTableError: this is no XLSX, a damaged one, or a trap.
    """
    with _readable(name), ZipFile(file) as archive, SharedStrings() as strings:
        book = workbook_of(archive)
        ahead = size_of(archive, book.strings) if book.strings else 0
        for title, part in book.sheets.items():
            reach.expect(ahead + size_of(archive, part))
            if ahead and book.strings:
                for _ in walk(archive, book.strings, _Strings(strings), reach):
                    pass
                strings.complete()
                ahead = 0
            others = tuple(other for other in book.sheets if other != title)
            yield Sheet(_lines(archive, part, _Lines(strings, book), reach, name), others)


def _lines(archive: ZipFile, part: str, lines: "_Lines", reach: Reach, name: str) -> Iterator[Line]:
    with _readable(name):
        for _ in walk(archive, part, lines, reach):
            yield from lines.ready
            lines.ready.clear()


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except (
        *(BadZipFile, ExpatError, zlib.error, EOFError, OSError),
        # What zipfile raises of what is encrypted, or compressed in a way that it does not know,
        # and a workbook of which parts are missing.
        *(RuntimeError, NotImplementedError, LookupError, ValueError),
    ) as error:
        raise UnreadableTableError(
            f"{name}: 不是可读的 XLSX,或已损坏、加密 (not a readable XLSX, damaged or encrypted)"
        ) from error


class _Text:
    """The text of a cell or shared string, without phonetic readings (拼音)."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._phonetic = self._taking = False
        self._length = 0

    def start(self, name: str) -> None:
        """An element within begins."""
        if name == "rPh":
            self._phonetic = True
        self._taking = name in {"t", "v", "f"} and not self._phonetic

    def end(self, name: str) -> None:
        """It ends."""
        if name == "rPh":
            self._phonetic = False
        self._taking = False

    def add(self, data: str) -> None:
        """Characters; a text that is too long is cut where that shows."""
        if self._taking and self._length <= LONGEST_CELL:
            self._length += len(data)
            self._parts.append(data)

    def take(self) -> str:
        """What was gathered; begins anew."""
        text = "".join(self._parts)
        self._parts.clear()
        self._length = 0
        # How Excel escapes the carriage return of a line break.
        return text.replace("_x000D_", "")


class _Strings:
    """Elements of the shared strings."""

    def __init__(self, strings: SharedStrings) -> None:
        self._strings = strings
        self._text = _Text()
        self.text = self._text.add

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        self._text.start(name)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "si":
            self._strings.append(self._text.take())


class _Lines:
    """Elements of a sheet; complete lines stand in ``ready``."""

    def __init__(self, strings: SharedStrings, book: Workbook) -> None:
        self.ready: list[Line] = []
        self._strings, self._book = strings, book
        self._text = _Text()
        self.text = self._text.add
        self._number = self._column = self._room = 0
        self._cells: list[str] = []
        self._type, self._style, self._formula = "n", "0", ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._column = _column(attributes.get("r", ""), self._column + 1)
            self._type, self._style = attributes.get("t", "n"), attributes.get("s", "0")
            self._formula = ""
        elif name == "row":
            given = attributes.get("r", "")
            self._number = int(given) if given.isdecimal() else self._number + 1
            self._column, self._cells, self._room = 0, [], LONGEST_LINE
        else:
            self._text.start(name)

    def end(self, name: str) -> None:
        self._text.end(name)
        if name == "c":
            self._place(self._value(self._text.take()))
        elif name == "f":
            self._formula = f"={self._text.take()}"
        elif name == "row":
            self.ready.append(Line(self._number, self._cells))

    def _place(self, text: str) -> None:
        if not text or self._column > _MOST_COLUMNS:
            return
        self._room -= len(text)
        missing = self._column - 1 - len(self._cells)
        self._cells.extend([""] * missing)
        self._cells.append(text if self._room >= 0 else _UNKNOWN)

    def _value(self, text: str) -> str:
        match self._type:
            case "s":
                return self._shared(text) if text else ""
            case "n" if text:
                return self._dated(text) if self._style in self._book.date_styles else _plain(text)
            case "d":
                return text[:10]
            case "b" if text:
                return str(text == "1")
            case _:
                # A formula that was never calculated has no value: it is passed on as it stands.
                return text or self._formula

    def _shared(self, index: str) -> str:
        try:
            return self._strings[int(index)]
        except (LookupError, ValueError):
            return _UNKNOWN

    def _dated(self, serial: str) -> str:
        try:
            return (self._book.day_zero + timedelta(days=int(float(serial)))).isoformat()
        except (ValueError, OverflowError):
            return serial


def _plain(number: str) -> str:
    """Codes typed as numbers come as 1.0 or 1E5; amounts are the same number either way."""
    if number.isdecimal():
        return number
    try:
        value = float(number)
    except ValueError:
        return number
    return str(int(value)) if value.is_integer() else repr(value)


def _column(place: str, otherwise: int) -> int:
    letters = place.rstrip("0123456789")
    return _column_of(letters) if letters else otherwise


@lru_cache(maxsize=1024)
def _column_of(letters: str) -> int:
    number = 0
    for letter in letters[:4]:
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number
