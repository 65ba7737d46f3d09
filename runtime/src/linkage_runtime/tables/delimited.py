"""CSV as departments save it: UTF-8, UTF-16 or GB18030, any line ends, comma or tab.

A line that cannot be read is one faulty line: reading goes on at the next one.
"""

import codecs
import csv
from collections.abc import Generator, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Self

from linkage_runtime.faults import Fault
from linkage_runtime.tables.source import LONGEST_LINE, Line, Reach, Sheet

_SAMPLE_BYTES, _SAMPLE_CHARACTERS = 1 << 16, 1 << 14
_MOSTLY = 10
"""One broken character in ten: of GB18030 read as UTF-8, nearly all are broken."""
_EXCERPT = 200
_ENDS = ("\n", "\r")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", "\t", ";", "|")


def csv_sheets(path: Path, reach: Reach) -> Generator[Sheet, None, None]:
    """The one sheet of the file, read as it is asked for."""
    with path.open("rb") as raw:
        encoding = _encoding(raw)
        raw.seek(0)
        # A byte that fits no encoding spoils its own line only; that line is faulted.
        with TextIOWrapper(raw, encoding, errors="replace", newline="") as file:
            delimiter = _delimiter(file.read(_SAMPLE_CHARACTERS))
            file.seek(0)
            reach.expect(path.stat().st_size)
            lines = _parsed(_Physical(file), delimiter)
            yield Sheet(_watched(lines, raw, reach))


def _watched(lines: Iterator[Line], raw: BinaryIO, reach: Reach) -> Iterator[Line]:
    for line in lines:
        reach.advance(raw.tell() - reach.done)
        yield line


class _Physical:
    """The file's own lines; says which of them the present line of the table is made of."""

    def __init__(self, file: TextIOWrapper) -> None:
        self._file = file
        self.number = 0
        self.begin()

    def begin(self) -> None:
        """A new line of the table begins with the next line of the file."""
        self.first, self.begun = "", self.number + 1

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        text = self._file.readline(LONGEST_LINE)
        if not text:
            raise StopIteration
        self.number += 1
        self.first = self.first or text[:_EXCERPT]
        if len(text) == LONGEST_LINE and not text.endswith(_ENDS):
            while (rest := self._file.readline(LONGEST_LINE)) and not rest.endswith(_ENDS):
                pass
            raise csv.Error("line too long")
        return text


def _parsed(physical: _Physical, delimiter: str) -> Iterator[Line]:
    """Parse strictly: a quote that is never closed must not swallow the lines below in silence."""
    reader = csv.reader(physical, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        physical.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Line(number, [physical.first], _unparsed(physical.begun, physical.number))
        else:
            yield Line(number, cells)


def _unparsed(first: int, last: int) -> Fault:
    return Fault(
        pointer="",
        rule="csv_unreadable",
        zh=f"文件第 {first}–{last} 行读不出: 引号不成对,或内容过长",
        en=f"lines {first} to {last} of the file cannot be read: unpaired quotes, or too long",
        remedy_zh="请在原文件中更正这几行后再导入",
        remedy_en="mend those lines in the original file and import it again",
    )


def _delimiter(sample: str) -> str:
    return max(_DELIMITERS, key=sample.count)


def _encoding(raw: BinaryIO) -> str:
    """By its mark, or by its first bytes beyond ASCII: UTF-8 with few broken, or else GB18030."""
    sample = raw.read(_SAMPLE_BYTES)
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    while sample:
        text = sample.decode("utf-8", "replace")
        if foreign := sum(not character.isascii() for character in text):
            broken = text.count("\ufffd")
            return "utf-8" if broken <= max(1, foreign // _MOSTLY) else "gb18030"
        sample = raw.read(_SAMPLE_BYTES)
    return "utf-8"
