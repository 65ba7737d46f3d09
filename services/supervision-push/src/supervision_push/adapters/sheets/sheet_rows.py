"""One row of a filled-in 待办 sheet: what it asks for; each mistake names its column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from linkage_runtime.faults import Fault, faults_of
from linkage_runtime.tables.cells import half_width, is_no, is_yes
from supervision_push.adapters.pushes.http_push_models import (
    EnrolBody,
    FeedBackBody,
    ReceiveBody,
    ReturnBody,
)
from supervision_push.adapters.sheets.sheet_columns import FED_BACK, FILLED, FINDINGS, TITLES
from supervision_push.application.act_by_sheet import FilledRow
from supervision_push.application.feed_back import DutyDone

_ASKED: Final = frozenset(column.key for column in FILLED if column.key != "by")
_FEEDBACK: Final = frozenset({"duty", "finding", "note", "result_id"})
_COLUMN_OF: Final = {
    "push_ids": "push_id",
    "push_id": "push_id",
    "by": "by",
    "reason": "return_reason",
    "suggested": "suggested",
    "duty": "duty",
    "outcome": "finding",
    "result_id": "result_id",
}
"""Of each field of the API's bodies its column; ``note`` has two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """One row as it stands in the sheet, and what it asks for or does wrong."""

    number: int
    cells: Mapping[str, str]
    """By column key; only cells that are not empty."""
    filled: FilledRow | None = None
    """``None`` if nothing is asked for, or if it has faults."""
    faults: tuple[Fault, ...] = ()


def read_row(number: int, cells: Mapping[str, str]) -> ReadRow:
    """By the same rules as the API."""
    row = ReadRow(number=number, cells=cells)
    if not _ASKED & cells.keys():
        return row
    # By pointer and rule: two acts of one row may miss the same cell.
    faults = {(fault.pointer, fault.rule): fault for fault in _faults(number, cells)}
    if faults:
        return replace(row, faults=tuple(faults.values()))
    return replace(row, filled=_filled(number, cells))


def _filled(number: int, cells: Mapping[str, str]) -> FilledRow:
    return FilledRow(
        number=number,
        push_id=cells["push_id"],
        by=cells["by"],
        receive=is_yes(cells.get("receive", "")),
        return_reason=cells.get("return_reason"),
        suggested=_code(cells),
        enrol=_enrols(cells),
        enrol_note=cells.get("enrol_note"),
        feedback=_feedback(cells),
    )


def _feedback(cells: Mapping[str, str]) -> DutyDone | None:
    if "duty" not in cells:
        return None
    finding = half_width(cells["finding"])
    return DutyDone(
        push_id=cells["push_id"],
        duty=FED_BACK[half_width(cells["duty"])],
        outcome=FINDINGS.get(finding, cells["finding"]),
        note=cells.get("note"),
        result_id=cells.get("result_id"),
    )


def _enrols(cells: Mapping[str, str]) -> bool:
    return is_yes(cells.get("enrol", "")) or ("enrol" not in cells and "enrol_note" in cells)


def _code(cells: Mapping[str, str]) -> str | None:
    """The list offers code and name; the code is what counts."""
    named = half_width(cells.get("suggested", "")).split()
    return named[0] if named else None


def _faults(number: int, cells: Mapping[str, str]) -> Iterator[Fault]:
    for key in ("receive", "enrol"):
        if key in cells and not is_yes(cells[key]) and not is_no(cells[key]):
            yield _unlisted(number, key, "是")
    if "duty" in cells and half_width(cells["duty"]) not in FED_BACK:
        yield _unlisted(number, "duty", "、".join(FED_BACK))
    acts = is_yes(cells.get("receive", "")), _enrols(cells), bool(_FEEDBACK & cells.keys())
    if "return_reason" in cells and any(acts):
        yield Fault(
            pointer=_pointer(number, "return_reason"),
            rule="conflict",
            zh="退回的不能同时办理其他",
            en="a push that is returned cannot be acted on",
            remedy_zh="请只留退回,或删去退回原因",
            remedy_en="leave only the return, or clear it",
        )
    for model, body in _bodies(cells):
        yield from _broken(number, model, body)


def _bodies(cells: Mapping[str, str]) -> Iterator[tuple[type[BaseModel], dict[str, Any]]]:
    """The bodies of the API that this row amounts to."""
    by = _given(by=cells.get("by"))
    push_id = cells.get("push_id")
    one = by | _given(push_ids=[push_id] if push_id else None)
    if "receive" in cells:
        yield ReceiveBody, one
    if "return_reason" in cells or "suggested" in cells:
        said = _given(reason=cells.get("return_reason"), suggested=_code(cells))
        yield ReturnBody, one | said
    if "enrol" in cells or "enrol_note" in cells:
        yield EnrolBody, one | _given(note=cells.get("enrol_note"))
    if _FEEDBACK & cells.keys():
        fed = _given(
            push_id=push_id,
            duty=FED_BACK.get(half_width(cells.get("duty", ""))),
            outcome=cells.get("finding"),
            note=cells.get("note"),
            result_id=cells.get("result_id"),
        )
        yield FeedBackBody, by | {"feedback": [fed]}


def _given(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _broken(number: int, model: type[BaseModel], body: Mapping[str, Any]) -> Iterator[Fault]:
    try:
        model.model_validate(body)
    except ValidationError as error:
        found = error.errors()
        for one, fault in zip(found, faults_of(found), strict=True):
            named = [str(step) for step in one["loc"] if isinstance(step, str)]
            own_note = "enrol_note" if model is EnrolBody else "note"
            column = _COLUMN_OF.get(named[-1], own_note)
            yield replace(fault, pointer=_pointer(number, column))


def _unlisted(number: int, key: str, listed: str) -> Fault:
    return Fault(
        pointer=_pointer(number, key),
        rule="enum",
        zh=f"只能填“{listed}”或留空",
        en=f"only {listed}, or empty",
        remedy_zh="请从下拉列表选择",
        remedy_en="choose from the list",
    )


def _pointer(number: int, key: str) -> str:
    return f"/{number}/{TITLES[key]}"
