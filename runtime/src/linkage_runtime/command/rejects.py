"""Rows that were not accepted, with reasons, to be corrected and imported again."""

import csv
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from linkage_runtime.tables.reader import Row, Table

_ROW_TITLE, _REASON_TITLE = "原行号", "错误原因"


class RejectedRows:
    """Writes ``FILE.rejected.csv`` when the first row is rejected; readable to its owner only."""

    def __init__(self, file: Path, table: Table) -> None:
        self.path = _beside(file)
        # A file of rejects that was corrected and is imported again has these columns already.
        self._kept = [
            place
            for place, title in enumerate(table.titles)
            if title not in {_ROW_TITLE, _REASON_TITLE}
        ]
        self._titles = [table.titles[place] for place in self._kept]
        self._open = ExitStack()
        self._writer: Any = None

    def __enter__(self) -> Self:
        # A file left by an earlier import would tell of rows that are no longer rejected; but
        # someone may have begun to correct it.
        if self.path.exists():
            self.path.replace(self.path.with_suffix(".csv.bak"))
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._open.close()

    def add(self, row: Row, result: Mapping[str, Any], column_of: Mapping[str, str]) -> None:
        """One rejected row, as it stood, with its number and what to mend."""
        if self._writer is None:
            self.path.touch(mode=0o600)
            file = self._open.enter_context(self.path.open("w", encoding="utf-8-sig", newline=""))
            self._writer = csv.writer(file)
            self._writer.writerow([*self._titles, _ROW_TITLE, _REASON_TITLE])
        cells = [row.raw[place] if place < len(row.raw) else "" for place in self._kept]
        self._writer.writerow([*cells, row.number, reasons(result, column_of)])


def rejected_rows(file: Path) -> list[int]:
    """The row numbers that the last import of ``file`` left behind."""
    path = _beside(file)
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as rejected:
        return sorted(int(row[_ROW_TITLE]) for row in csv.DictReader(rejected))


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.rejected.csv")


def reasons(result: Mapping[str, Any], column_of: Mapping[str, str]) -> str:
    """What is wrong with a row: column, rule, remedy, in both languages."""
    if result["status"] == "conflict":
        fields = "、".join(result.get("differences", ()))
        return (
            f"同一文书号、同一日期已有不同内容: {fields}; 如属变更请按变更决定报送 "
            "(another content stands under this number and date; send a change as an amendment)"
        )
    return "; ".join(
        f"{_column(error['pointer'], column_of)}: {error['zh']}, {error['remedy_zh']} "
        f"({error['en']}; {error['remedy_en']})"
        for error in result.get("errors", ())
    )


def _column(pointer: str, column_of: Mapping[str, str]) -> str:
    """The column behind a JSON pointer, or behind the nearest field above it, or the one named."""
    if pointer and not pointer.startswith("/"):
        return pointer
    while pointer:
        if pointer in column_of:
            return column_of[pointer]
        pointer = pointer.rpartition("/")[0]
    return "本行"
