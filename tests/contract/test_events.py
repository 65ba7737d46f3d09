"""What the services promise one another: every event readable for ever, every topic used."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from cloudevents.v1.http import from_json
from pydantic import ValidationError

from linkage_contracts.generate import ROOT, documents, type_of
from linkage_contracts.topics import DECISIONS, TOPICS

EXAMPLES = sorted((ROOT / "examples").glob("*.json"))
TOPIC_OF = {type_of(event): topic for topic in TOPICS for event in topic.event_types}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_golden_example_ever_committed_can_be_read_and_written_again(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    event = TOPIC_OF[golden["type"]].read(path.read_bytes())
    assert json.loads(event.to_bytes()) == golden


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_golden_example_fits_its_published_schema(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads((ROOT / "schemas" / f"{golden['type']}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(golden)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_cloudevents_sdk_reads_our_events(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    event = from_json(path.read_bytes())
    assert event["id"] == golden["id"]
    assert event["partitionkey"] == golden["partitionkey"]
    assert event.data == golden["data"]


def test_every_event_type_has_a_golden_example() -> None:
    shown = {json.loads(path.read_text(encoding="utf-8"))["type"] for path in EXAMPLES}
    assert shown == set(TOPIC_OF)


def test_golden_examples_are_added_to_and_never_edited() -> None:
    lines = (ROOT / "examples" / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    committed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    present = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in EXAMPLES}
    assert present == committed


def test_a_field_of_the_future_is_ignored() -> None:
    path = ROOT / "examples" / "linkage.decision.issued.v1.json"
    golden = json.loads(path.read_text(encoding="utf-8"))
    golden["tomorrow"] = golden["data"]["tomorrow"] = 1
    event = DECISIONS.read(json.dumps(golden).encode())
    assert "tomorrow" not in json.loads(event.to_bytes())["data"]


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"[]", b"{}", b'{"type":"linkage.decision.issued.v9"}', b"[" * 100_000],
    ids=["empty", "not UTF-8", "a list", "no fields", "unknown type", "nested deep"],
)
def test_what_is_no_event_of_the_topic_is_refused_as_a_whole(body: bytes) -> None:
    with pytest.raises(ValidationError):
        DECISIONS.read(body)


def test_chinese_travels_unescaped_and_times_keep_their_zone() -> None:
    path = ROOT / "examples" / "linkage.decision.issued.v1.json"
    event = DECISIONS.read(path.read_bytes())
    assert "灵山县行政审批局".encode() in event.to_bytes()
    assert event.time.utcoffset() == timedelta(hours=8)


def test_every_topic_is_described_with_its_owner_and_readers() -> None:
    asyncapi = {str(path): document for path, document in documents()}["asyncapi.json"]
    for topic in TOPICS:
        receivers = {
            name.split(".")[0]
            for name, operation in asyncapi["operations"].items()
            if operation["action"] == "receive"
            and operation["channel"]["$ref"] == f"#/channels/{topic.name}"
        }
        assert receivers == topic.readers
        assert f"{topic.owner}.send.{topic.name}" in asyncapi["operations"]
