"""What an API says of itself (OpenAPI): what FastAPI knows, and what all our routes share."""

from typing import Any

from fastapi import FastAPI

from linkage_runtime.http.problems import MEDIA_TYPE

ALREADY_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "已有,未作改动 Known already: nothing was changed",
        "content": {"application/json": {}},
    }
}
"""For routes whose first answer is 201 or 202."""

_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457; each of errors names place, rule and remedy, in Chinese and English",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "rule", "zh", "en", "remedy_zh", "remedy_en"],
                "additionalProperties": _TEXT,
            },
        },
    },
}
_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_COMMON = {
    "4XX": {"description": "Refused: what is wrong and how to mend it", "content": _CONTENT},
    "503": {
        "description": "Temporarily unavailable: repeat the same body",
        "headers": {"Retry-After": {"required": True, "schema": {"type": "integer"}}},
        "content": _CONTENT,
    },
}


def description_of(app: FastAPI) -> dict[str, Any]:
    """The document, with problems, and with the key that everything but probes asks for."""
    document = app.openapi()
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for fastapis_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(fastapis_own, None)
    schemas["Problem"] = _PROBLEM
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"key": []}]
    for operations in document["paths"].values():
        for operation in operations.values():
            responses = operation["responses"]
            refusals = [status for status in responses if status.startswith("4")]
            for status in refusals:
                responses[status]["content"] = _CONTENT
            responses |= _COMMON
    return document
