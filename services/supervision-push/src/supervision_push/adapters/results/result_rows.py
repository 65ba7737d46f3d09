"""The rows of a batch of results: a JSON array, or an object a line. A bad row costs no other."""

from collections.abc import Iterator

from pydantic import ValidationError
from pydantic_core import from_json

from linkage_runtime.faults import Fault, faults_of
from linkage_runtime.http.problems import ProblemError
from supervision_push.domain.result import EVENT_OF_TYPE
from supervision_push.domain.submitted_result import SUBMITTED_RESULT, AnySubmittedResult

MAX_ROWS = 5_000
NDJSON = "application/x-ndjson"

Row = AnySubmittedResult | tuple[Fault, ...]
"""A submission, or why the row is none."""


def read_one(body: bytes) -> Row:
    """One submission from its JSON."""
    try:
        return SUBMITTED_RESULT.validate_json(body)
    except ValidationError as error:
        return _faults(error)


def read_rows(body: bytes, content_type: str) -> list[Row]:
    """All rows in order; blank lines are no rows.

    Raises:
        ProblemError: no array, or too many rows.
    """
    ndjson = content_type.partition(";")[0].strip().lower() == NDJSON
    rows = list(_lines(body) if ndjson else _elements(body))
    if len(rows) > MAX_ROWS:
        raise ProblemError(
            413,
            f"每批至多 {MAX_ROWS} 条,请分批发送 (at most {MAX_ROWS} rows: send smaller batches)",
        )
    return rows


def _lines(body: bytes) -> Iterator[Row]:
    for line in body.splitlines():
        if line.strip():
            yield read_one(line)


def _elements(body: bytes) -> Iterator[Row]:
    try:
        elements = from_json(body)
    except ValueError as error:
        raise ProblemError(400, "不是合法的 JSON (not valid JSON)") from error
    if not isinstance(elements, list):
        raise ProblemError(
            422, f"须为 JSON 数组,或以 {NDJSON} 逐行发送 (a JSON array, or {NDJSON}, is wanted)"
        )
    for element in elements:
        yield _element(element)


def _element(element: object) -> Row:
    try:
        return SUBMITTED_RESULT.validate_python(element)
    except ValidationError as error:
        return _faults(error)


def _faults(error: ValidationError) -> tuple[Fault, ...]:
    complaints = error.errors(include_input=False, include_url=False)
    if complaints[0]["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        return (_UNKNOWN_TYPE,)
    # Pydantic puts the type that it chose before each place; it is no part of what was sent.
    return faults_of([{**one, "loc": _place(one["loc"])} for one in complaints])


def _place(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    return location[1:] if location and location[0] in EVENT_OF_TYPE else location


_UNKNOWN_TYPE = Fault(
    pointer="/type",
    rule="type",
    zh="没有此类监管结果",
    en="there is no such type of result",
    remedy_zh=f"请用:{'、'.join(EVENT_OF_TYPE)}",
    remedy_en=f"use one of {', '.join(EVENT_OF_TYPE)}",
)
