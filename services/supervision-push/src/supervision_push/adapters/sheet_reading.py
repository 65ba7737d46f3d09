"""Reads a filled-in 待办 sheet: an XLSX that somebody sent, so nothing in it is trusted."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Final
from zipfile import BadZipFile, ZipFile

from linkage_runtime.errors import PermanentError
from linkage_runtime.tables.cells import half_width
from linkage_runtime.tables.reader import UnreadableTableError, xlsx_rows
from supervision_push.adapters.sheet_columns import KEYS, MAX_ROWS, TITLES, TODO_TITLE
from supervision_push.adapters.sheet_rows import ReadRow, read_row

MAX_UNPACKED_BYTES: Final = 64 * 1024 * 1024
MAX_PARTS: Final = 100
_HEADER_WITHIN: Final = 20
_LOOKED_AT: Final = (MAX_ROWS + _HEADER_WITHIN + 1, 100)
"""Rows and columns."""
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
    numbered = enumerate(
        xlsx_rows(BytesIO(file), _NAME, title=TODO_TITLE, upto=_LOOKED_AT), start=1
    )
    for number, titles in numbered:
        keys = [KEYS.get(half_width(title)) for title in titles]
        if "push_id" in keys:
            rows = [read_row(row, cells) for row, cells in _below(numbered, keys)]
            if len(rows) > MAX_ROWS:
                raise SheetTooLargeError(f"超过 {MAX_ROWS} 行,请分开上传 (too many rows: split it)")
            return rows
        if number >= _HEADER_WITHIN:
            break
    raise UnreadableTableError(
        f"{_NAME}: 找不到“{TITLES['push_id']}”所在的表头,请用下载的待办表填写 "
        "(no header row: fill in the sheet that you downloaded)"
    )


def _refuse_bombs(file: bytes) -> None:
    try:
        with ZipFile(BytesIO(file)) as parts:
            sizes = [part.file_size for part in parts.infolist()]
    except (BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise UnreadableTableError(f"{_NAME}: 不是可读的 XLSX (not a readable XLSX)") from error
    # What a part says of its size is held to when it is read.
    if len(sizes) > MAX_PARTS or sum(sizes) > MAX_UNPACKED_BYTES:
        raise SheetTooLargeError("文件解压后过大 (too large once unpacked)")


def _below(
    numbered: Iterable[tuple[int, list[str]]], keys: list[str | None]
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, texts in numbered:
        cells = {
            key: text
            for key, cell in zip(keys, texts, strict=False)
            if key and (text := cell.strip())
        }
        if cells:
            yield number, cells
