"""Writes the 待办 sheet as XLSX, row by row in constant memory.

Every cell is written as text, whatever it begins with: no cell of ours is ever calculated.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

from xlsxwriter import Workbook

from supervision_push.adapters.sheets.sheet_columns import (
    AUTHORITIES_TITLE,
    COLUMNS,
    FILLED,
    HELP_TITLE,
    MAX_ROWS,
    PENDING_TITLE,
    TOLD,
    TOLD_BACK,
    WRONG,
    Column,
)

_CELL_CHARACTERS: Final = 32_767
"""What a cell holds."""
_CALCULATED: Final = ("=", "+", "-", "@", "\t", "\r")
"""What programs take for a formula, once a clerk touches the cell or saves the sheet as CSV."""
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold."""
_A3: Final = 8
_GREY, _YELLOW, _GREEN, _RED = "#D9D9D9", "#FFF2CC", "#E2EFDA", "#F8CBAD"
_HELP: Final = (
    ("怎么填", "只填黄色各列,灰色各列请勿改动;填好保存后原样上传,可分多次填、多次上传"),
    ("重复上传", "已办理的不会重复办理;有误的行会逐行说明,改正后再次上传即可"),
    ("How", "Fill in the yellow columns, save, upload; again changes nothing that was done before"),
    ("", ""),
    *((column.title, column.help) for column in FILLED),
    ("", ""),
    *((column.title, "上传后由系统填写 (told after the upload)") for column in TOLD_BACK),
)


class TodoSheet:
    """A workbook with the sheet, the instructions and the authorities that may be named."""

    def __init__(self, authorities: Sequence[str], *, about: str, answers: bool = False) -> None:
        self._file = BytesIO()
        self._book = Workbook(self._file, {"constant_memory": True})
        self._columns = COLUMNS if answers else TOLD + FILLED
        self._styles = [self._style(column) for column in self._columns]
        self._guarded = [self._style(column, quote_prefix=True) for column in self._columns]
        self._sheet = self._book.add_worksheet(PENDING_TITLE)
        self._rows = 0
        self._lay_out(authorities)
        self._explain(about)
        self._list(authorities)

    def add(self, rows: Iterable[Mapping[str, str]]) -> None:
        """Rows by column key; what is missing stays empty."""
        for row in rows:
            self._rows += 1
            for number, column in enumerate(self._columns):
                if text := row.get(column.key):
                    self._write(self._rows, number, text)

    def to_bytes(self) -> bytes:
        """The file; nothing can be added afterwards."""
        self._book.close()
        return self._file.getvalue()

    def _write(self, row: int, column: int, text: str) -> None:
        plain = _CONTROLS.sub("", text)[:_CELL_CHARACTERS]
        styles = self._guarded if plain.startswith(_CALCULATED) else self._styles
        self._sheet.write_string(row, column, plain, styles[column])

    def _lay_out(self, authorities: Sequence[str]) -> None:
        sheet = self._sheet
        for number, column in enumerate(self._columns):
            sheet.set_column(number, number, column.width, self._styles[number])
            sheet.write_string(0, number, column.title, self._title_style(column))
            choices = self._choices(column, authorities)
            if column in FILLED:
                sheet.data_validation(1, number, MAX_ROWS, number, _prompt(column, choices))
            if column in TOLD_BACK:
                red = self._book.add_format({"bg_color": _RED})
                wrong = {"type": "cell", "criteria": "==", "value": f'"{WRONG}"', "format": red}
                sheet.conditional_format(1, number, MAX_ROWS, number, wrong)
        sheet.freeze_panes(1, 3)
        sheet.set_landscape()
        sheet.set_paper(_A3)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, MAX_ROWS, len(self._columns) - 1)

    def _choices(self, column: Column, authorities: Sequence[str]) -> list[str] | str:
        if column.key == "suggested" and authorities:
            return f"='{AUTHORITIES_TITLE}'!$A$2:$A${len(authorities) + 1}"
        return list(column.choices)

    def _style(self, column: Column, **more: Any) -> Any:  # noqa: ANN401 -- the library has no types
        # A number that a clerk types into a text cell keeps its zeros and all of its digits.
        style = {"num_format": "@", "text_wrap": True, "valign": "top"} | more
        fill = {"bg_color": _YELLOW, "border": 1, "border_color": _GREY}
        return self._book.add_format(style | fill if column in FILLED else style)

    def _title_style(self, column: Column) -> Any:  # noqa: ANN401 -- the library has no types
        colour = _GREY if column in TOLD else _YELLOW if column in FILLED else _GREEN
        return self._book.add_format({"bold": True, "align": "center", "bg_color": colour})

    def _explain(self, about: str) -> None:
        sheet = self._book.add_worksheet(HELP_TITLE)
        sheet.fit_to_pages(1, 0)
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 110)
        for number, (title, text) in enumerate((("", about), *_HELP)):
            sheet.write_string(number, 0, title)
            sheet.write_string(number, 1, text)

    def _list(self, authorities: Sequence[str]) -> None:
        sheet = self._book.add_worksheet(AUTHORITIES_TITLE)
        sheet.set_column(0, 0, 60)
        for number, text in enumerate(("代码与名称", *authorities)):
            sheet.write_string(number, 0, text)


def _prompt(column: Column, choices: list[str] | str) -> dict[str, Any]:
    # A finding may be said in other words, so nothing is refused here: the upload judges.
    prompt = {"input_title": column.title, "input_message": column.help, "show_error": False}
    if choices:
        return prompt | {"validate": "list", "source": choices}
    return prompt | {"validate": "any"}
