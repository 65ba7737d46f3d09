"""Reads a filled-in 待办 sheet: an XLSX that somebody sent, so nothing in it is trusted."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import islice
from typing import Final
from zipfile import BadZipFile, ZipFile

from linkage_runtime.errors import PermanentError
from linkage_runtime.tables.cells import half_width
from linkage_runtime.tables.source import Line, Reach, UnreadableTableError
from linkage_runtime.tables.spreadsheet import xlsx_sheets
from supervision_push.adapters.sheets.sheet_columns import KEYS, MAX_ROWS, TITLES
from supervision_push.adapters.sheets.sheet_rows import ReadRow, read_row

MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
MAX_PARTS: Final = 100
_SMALL: Final = 4 * 1024 * 1024
_MOST_TIMES: Final = 100
"""A larger part that unpacks to a hundred times its size is made to keep us busy: ``<row/>`` alone
costs half a second a megabyte. What programs save comes to 50."""
_HEADER_WITHIN: Final = 20
_NAME: Final = "上传的文件 (the file)"


class SheetTooLargeError(PermanentError):
    """It unpacks to more than is ever read, or has too many rows."""


def read_sheet(file: bytes) -> list[ReadRow]:
    """Every row below the header that is not empty.

    Raises:
        UnreadableTableError: it is no XLSX, or has no header.
        SheetTooLargeError: beyond the limits.
    """
    _refuse_bombs(file)
    for sheet in xlsx_sheets(BytesIO(file), Reach(), name=_NAME):
        lines = iter(sheet.lines)
        for line in islice(lines, _HEADER_WITHIN):
            keys = [KEYS.get(half_width(title)) for title in line.cells]
            if "push_id" in keys:
                return _rows(lines, keys)
    raise UnreadableTableError(
        f"{_NAME}: 找不到“{TITLES['push_id']}”所在的表头,请用下载的待办表填写 "
        "(no header row: fill in the sheet that you downloaded)"
    )


def _refuse_bombs(file: bytes) -> None:
    try:
        with ZipFile(BytesIO(file)) as parts:
            found = parts.infolist()
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        # zipfile says NotImplementedError of an archive in a format version that it does not know.
        raise UnreadableTableError(f"{_NAME}: 不是可读的 XLSX (not a readable XLSX)") from error
    # What a part says of its size is held to when it is read.
    inflated = any(part.file_size > max(_SMALL, part.compress_size * _MOST_TIMES) for part in found)
    too_large = sum(part.file_size for part in found) > MAX_UNPACKED_BYTES
    if inflated or too_large or len(found) > MAX_PARTS:
        raise SheetTooLargeError("文件解压后过大 (too large once unpacked)")


def _rows(lines: Iterable[Line], keys: Sequence[str | None]) -> list[ReadRow]:
    rows = []
    for line in lines:
        cells = {
            key: text
            for key, cell in zip(keys, line.cells, strict=False)
            if key and (text := cell.strip())
        }
        if cells:
            rows.append(read_row(line.number, cells))
        if len(rows) > MAX_ROWS:
            raise SheetTooLargeError(f"超过 {MAX_ROWS} 行,请分开上传 (too many rows: split it)")
    return rows
