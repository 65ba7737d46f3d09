"""Cells that hold no value: known by their text, whatever kind of file they come from."""

from collections.abc import Iterable

from linkage_runtime.faults import Fault
from linkage_runtime.tables.source import LONGEST_CELL

_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
_QUOTED = '="'


def is_suspect(cells: Iterable[str]) -> bool:
    """Whether a closer look at a row's cells is worth its time: it is not, at nearly all rows."""
    row = "\n" + "\n".join(cells)
    return "\n=" in row or "\n#" in row or "\ufffd" in row or len(row) > LONGEST_CELL


def unwrapped(text: str) -> str:
    """The cell's value; ``="0012"`` is how Excel keeps zeros in CSV."""
    if text.startswith(_QUOTED) and text.endswith('"') and len(text) > len(_QUOTED):
        return text[len(_QUOTED) : -1].replace('""', '"').strip()
    return text


def fault_in(column: str, text: str) -> Fault | None:
    """Why this text is no value, if it is none."""
    if text.startswith("="):
        return _fault(
            column, "formula_without_value", "是没有计算结果的公式", "an uncalculated formula"
        )
    if text in _ERRORS:
        return _fault(column, "error_value", f"是错误值 {text}", f"the error value {text}")
    if "\ufffd" in text:
        return _fault(column, "undecodable", "含无法识别的字符", "bytes that are no characters")
    if len(text) > LONGEST_CELL:
        return _fault(column, "cell_too_long", "内容过长", f"more than {LONGEST_CELL} characters")
    return None


def _fault(column: str, rule: str, zh: str, en: str) -> Fault:
    return Fault(
        pointer=column,
        rule=rule,
        zh=zh,
        en=en,
        remedy_zh="请填写实际的值",
        remedy_en="put the value itself there",
    )
