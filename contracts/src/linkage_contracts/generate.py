"""Writes what is derived from the models: a JSON Schema per event type and one AsyncAPI 3 document.

``python -m linkage_contracts.generate`` writes; with ``--check`` it only compares and fails on
drift.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from linkage_contracts.envelope import Event
from linkage_contracts.topics import TOPICS, Topic

ROOT = Path(__file__).resolve().parents[2]


def type_of(event: type[Event]) -> str:
    """The CloudEvents ``type`` that an event class stands for."""
    return str(event.model_fields["type"].default)


def documents() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every derived file, relative to the contracts folder, and its content."""
    for topic in TOPICS:
        for event in topic.event_types:
            yield Path("schemas", f"{type_of(event)}.json"), _schema(event)
    yield Path("asyncapi.json"), _asyncapi()


def _schema(event: type[Event]) -> dict[str, Any]:
    schema = _without_discriminators(event.model_json_schema(mode="serialization"))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _without_discriminators(schema: Any) -> Any:  # noqa: ANN401 -- any JSON value
    # OpenAPI's keyword, an object; AsyncAPI has one of the same name that must be a string. The
    # ``oneOf`` beside it says the same, since every member has its ``type`` as a constant.
    if isinstance(schema, dict):
        rest = {name: value for name, value in schema.items() if name != "discriminator"}
        return {name: _without_discriminators(value) for name, value in rest.items()}
    if isinstance(schema, list):
        return [_without_discriminators(value) for value in schema]
    return schema


def _asyncapi() -> dict[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "linkage 审管联动",
            "version": "1.0.0",
            "license": {"name": "Apache-2.0"},
            "description": "双推送双回路: every event between approval and supervision.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {name: body for topic in TOPICS for name, body in _operations(topic)},
        "components": {
            "messages": {
                type_of(event): _message(event) for topic in TOPICS for event in topic.event_types
            }
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "title": topic.title,
        "description": f"Key: {topic.key}. Owner: {topic.owner}.",
        "messages": {
            type_of(event): {"$ref": f"#/components/messages/{type_of(event)}"}
            for event in topic.event_types
        },
    }


def _operations(topic: Topic) -> Iterator[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    yield f"{topic.owner}.send.{topic.name}", {"action": "send", "channel": channel}
    for reader in sorted(topic.readers):
        yield f"{reader}.receive.{topic.name}", {"action": "receive", "channel": channel}


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": type_of(event),
        "title": event.__name__,
        "summary": (event.__doc__ or "").strip().splitlines()[0],
        "payload": {"$ref": f"./schemas/{type_of(event)}.json"},
    }


def main() -> None:
    """Write, or with ``--check`` compare."""
    check, drifted = "--check" in sys.argv[1:], []
    wanted = dict(documents())
    for path, document in wanted.items():
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        target = ROOT / path
        if target.exists() and target.read_text(encoding="utf-8") == text:
            continue
        drifted.append(path)
        if not check:
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8")
    strays = [
        path for path in (ROOT / "schemas").glob("*.json") if path.relative_to(ROOT) not in wanted
    ]
    if check and (drifted or strays):
        names = ", ".join(str(path) for path in [*drifted, *strays])
        sys.exit(f"contracts drifted, run python -m linkage_contracts.generate: {names}")


if __name__ == "__main__":
    main()
