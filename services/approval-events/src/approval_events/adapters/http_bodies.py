"""Bodies read from raw bytes, row by row, so that one bad row is only that row."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from approval_events.application.answers import Row
from approval_events.application.drafts import in_turns
from approval_events.domain.submission import Submission
from linkage_runtime.faults import faults_of
from linkage_runtime.http.problems import ProblemError

MOST_ROWS = 5_000
_NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")

Model = TypeVar("Model", bound=BaseModel)


def one_row(body: bytes) -> Row:
    """A body that is one submission."""
    return _row(0, body)


async def many_rows(body: bytes, content_type: str) -> list[Row]:
    """A body that is a JSON array, or NDJSON with one submission a line; blank lines are no rows.

    Raises:
        ProblemError: not an array at all, or more rows than one request may have.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    items: Sequence[Any] = (
        [line for line in body.split(b"\n") if line.strip()]
        if media_type in _NDJSON
        else _array(body)
    )
    if len(items) > MOST_ROWS:
        raise ProblemError(
            413,
            f"一次最多 {MOST_ROWS} 行,请分批发送 (at most {MOST_ROWS} rows: send smaller batches)",
        )
    return [_row(number, item) async for number, item in in_turns(enumerate(items))]


def model_of(model: type[Model], body: bytes) -> Model:
    """A body that is one model.

    Raises:
        ProblemError: it is not; each mistake is named.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        faults = faults_of(error.errors(include_url=False, include_input=False))
        raise mistakes(faults) from error


def mistakes(faults: Sequence[Any], status: int = 422) -> ProblemError:
    """The answer to a body with mistakes."""
    return ProblemError(
        status,
        f"{len(faults)} 处错误,均列于 errors ({len(faults)} mistakes, see errors)",
        faults=faults,
    )


def json_body(model: type[BaseModel], *, many: bool = False) -> dict[str, Any]:
    """What the API description says of a body that is read from raw bytes."""
    schema = _inlined(model)
    if not many:
        return {
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}
        }
    rows = {"type": "array", "maxItems": MOST_ROWS, "items": schema}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": rows},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    }


def _array(body: bytes) -> list[Any]:
    try:
        items = from_json(body)
    except ValueError as error:
        raise ProblemError(400, "不是合法的 JSON (not valid JSON)") from error
    if not isinstance(items, list):
        raise ProblemError(400, "应为 JSON 数组,或每行一条的 NDJSON (send a JSON array, or NDJSON)")
    return items


def _row(number: int, item: Any) -> Row:  # noqa: ANN401 -- whatever stood in the array
    try:
        submission = (
            Submission.model_validate_json(item)
            if isinstance(item, bytes)
            else Submission.model_validate(item)
        )
    except ValidationError as error:
        faults = faults_of(error.errors(include_url=False, include_input=False))
        return Row(number=number, submission=None, faults=faults)
    return Row(number=number, submission=submission)


def _inlined(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema without references, which would point into the whole document."""
    schema = model.model_json_schema()
    return dict(_without_references(schema, schema.pop("$defs", {})))


def _without_references(part: dict[str, Any], defs: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "$ref" in part:
        part = defs[part["$ref"].rpartition("/")[2]] | {
            key: value for key, value in part.items() if key != "$ref"
        }
    for key, value in part.items():
        if isinstance(value, dict):
            yield key, dict(_without_references(value, defs))
        elif isinstance(value, list):
            yield (
                key,
                [dict(_without_references(v, defs)) if isinstance(v, dict) else v for v in value],
            )
        else:
            yield key, value
