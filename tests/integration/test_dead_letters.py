"""`linkage dead-letters` on both brokers: what no reader could settle, and what became of it."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest
from aiokafka import AIOKafkaProducer
from typer.testing import CliRunner, Result

from linkage_contracts.generate import ROOT
from linkage_contracts.topics import DECISIONS, PROGRESS, Topic
from linkage_runtime.books.log import read_log
from linkage_runtime.clock import now
from linkage_runtime.command.main import app
from linkage_runtime.letters.letter import letter_id
from linkage_runtime.letters.mongo_acts import DATABASE, Act, Done, MongoLetterActs
from linkage_runtime.mongo import connect, database
from linkage_runtime.settlement import DeadLetter, Record, dead_letter_headers
from linkage_runtime.stack.provision import provision_topics
from linkage_runtime.topic_records import records_of

GOLDEN = json.loads((ROOT / "examples" / "linkage.decision.issued.v1.json").read_bytes())
WHO = ["--by", "ops-3", "--why", "表结构已修复"]


def event(name: str) -> bytes:
    """A decision event that no other test has."""
    return json.dumps(GOLDEN | {"id": str(uuid5(NAMESPACE_URL, name))}, ensure_ascii=False).encode()


@dataclass
class Cemetery:
    """A broker and a database, and how an operator and the tests speak to them."""

    kafka: str
    mongo: str

    def bury(
        self,
        body: bytes,
        *,
        topic: Topic = DECISIONS,
        readers: Sequence[str] = ("credit",),
        outcome: str = "failed",
        offset: int = 7,
    ) -> list[str]:
        """The letters' ids, as several readers bury the same record."""
        return asyncio.run(self._bury(body, topic, readers, outcome, offset))

    async def _bury(
        self, body: bytes, topic: Topic, readers: Sequence[str], outcome: str, offset: int
    ) -> list[str]:
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka)
        await producer.start()
        try:
            ids = []
            for reader in readers:
                letter = DeadLetter(Record(3, offset, b"key", body), outcome, "KeyError")
                headers = dead_letter_headers(reader, letter)
                place = await producer.send_and_wait(
                    topic.dead_letter, body, key=b"key", headers=headers
                )
                ids.append(letter_id(topic, place.partition, place.offset))
            return ids
        finally:
            await producer.stop()

    def run(self, *arguments: str) -> Result:
        options = ["--kafka", self.kafka, "--mongo", self.mongo]
        return CliRunner().invoke(app, ["dead-letters", *arguments, *options])

    def records(self, body: bytes, topic: Topic = DECISIONS) -> list[dict[str, str]]:
        """The headers of every record with this body that stands on its topic."""

        async def read() -> list[dict[str, str]]:
            return [
                {name: value.decode() for name, value in record.headers}
                | {"key": (record.key or b"").decode()}
                async for record in records_of(self.kafka, [topic.name])
                if record.value == body
            ]

        return asyncio.run(read())

    def acts(self, work: Callable[[MongoLetterActs], Awaitable[object]]) -> object:
        async def at_work() -> object:
            client = connect(self.mongo)
            try:
                return await work(MongoLetterActs(database(client, DATABASE)))
            finally:
                client.close()

        return asyncio.run(at_work())


@pytest.fixture
def cemetery(kafka: str, mongo: str) -> Cemetery:
    """Each test's own acts: letters of two brokers may have the same place, so the same id."""
    asyncio.run(provision_topics(kafka, partitions=8))
    asyncio.run(_forget_acts(mongo))
    return Cemetery(kafka, mongo)


async def _forget_acts(mongo: str) -> None:
    client = connect(mongo)
    await client.drop_database(DATABASE)
    client.close()


def test_a_letter_is_listed_by_filter_and_shown_with_its_bytes(cemetery: Cemetery) -> None:
    (letter,) = cemetery.bury(event("listed"), readers=["reader-of-lists"])
    cemetery.bury(event("another"))
    listed = cemetery.run("list", "--where", "reader=reader-of-lists").output
    assert letter in listed
    assert "1 封" in listed
    id_ = json.loads(event("listed"))["id"]
    assert "1 封" in cemetery.run("list", "--where", f"about={id_}").output
    assert "0 封" in cemetery.run("list", "--where", "reader=nobody").output
    assert "0 封" in cemetery.run("list", "--where", "since=2099-01-01").output
    shown = cemetery.run("show", letter).output
    assert event("listed").decode() in shown
    assert "KeyError" in shown
    assert "待处置" in shown


@pytest.mark.parametrize("filter_", ["colour=red", "reader", "since=yesterday"])
def test_a_filter_that_says_nothing_known_is_refused(cemetery: Cemetery, filter_: str) -> None:
    assert cemetery.run("list", "--where", filter_).exit_code == 2


def test_nothing_is_replayed_before_it_is_said_twice(cemetery: Cemetery) -> None:
    body = event("dry run")
    (letter,) = cemetery.bury(body)
    told = cemetery.run("replay", letter, *WHO)
    assert told.exit_code == 0, told.output
    assert "--yes" in told.output
    assert cemetery.records(body) == []
    assert "待处置" in cemetery.run("show", letter).output


def test_a_replayed_event_keeps_its_id_and_names_its_letter(cemetery: Cemetery) -> None:
    body = event("replayed")
    (letter,) = cemetery.bury(body)
    assert cemetery.run("replay", letter, *WHO, "--yes").exit_code == 0
    key = json.loads(body)["partitionkey"]
    assert cemetery.records(body) == [{"dead-letter": letter, "key": key}]
    assert "已重放" in cemetery.run("show", letter).output
    assert "ops-3" in cemetery.run("show", letter).output
    assert letter not in cemetery.run("list").output
    assert letter in cemetery.run("list", "--all").output


def test_a_letter_is_not_acted_on_twice(cemetery: Cemetery) -> None:
    body = event("twice")
    (letter,) = cemetery.bury(body)
    cemetery.run("replay", letter, *WHO, "--yes")
    again = cemetery.run("replay", letter, *WHO, "--yes")
    assert "已重放" in again.output
    assert "0 封" in again.output
    assert "0 封" in cemetery.run("discard", letter, *WHO, "--yes").output
    assert len(cemetery.records(body)) == 1


def test_a_replay_that_was_interrupted_is_finished_by_the_same_command(cemetery: Cemetery) -> None:
    body = event("interrupted")
    (letter,) = cemetery.bury(body)
    begun = Act(
        letter=letter, done=Done.REPLAYED, by="x", why="y", at=now(), event_id="e", published=False
    )
    cemetery.acts(lambda acts: acts.admit([begun]))
    assert "interrupted" in cemetery.run("list").output
    assert "1 封" in cemetery.run("replay", letter, *WHO, "--yes").output
    assert len(cemetery.records(body)) == 1
    assert "0 封" in cemetery.run("replay", letter, *WHO, "--yes").output


def test_a_record_that_several_readers_buried_is_replayed_once(cemetery: Cemetery) -> None:
    body = event("many readers")
    letters = cemetery.bury(body, readers=["credit", "approval-events", "supervision-push"])
    id_ = json.loads(body)["id"]
    assert "3 封" in cemetery.run("replay", "--where", f"about={id_}", *WHO, "--yes").output
    assert len(cemetery.records(body)) == 1
    listed = cemetery.run("list", "--where", f"about={id_}").output
    assert not any(letter in listed for letter in letters)


def test_what_would_be_buried_again_is_refused_and_costs_no_other(cemetery: Cemetery) -> None:
    (bad,) = cemetery.bury(b'{"type": "linkage.no.such.v1"}', outcome="unreadable")
    good = event("beside a bad one")
    (letter,) = cemetery.bury(good)
    told = cemetery.run("replay", bad, letter, *WHO, "--yes")
    assert told.exit_code == 1
    assert "cannot be read still" in told.output
    assert len(cemetery.records(good)) == 1
    assert "待处置" in cemetery.run("show", bad).output


def test_a_discarded_letter_stays_where_it_is_and_waits_no_more(cemetery: Cemetery) -> None:
    body = event("discarded")
    (letter,) = cemetery.bury(body)
    assert "1 封" in cemetery.run("discard", letter, *WHO, "--yes").output
    assert cemetery.records(body) == []
    assert "已作废" in cemetery.run("show", letter).output
    assert letter not in cemetery.run("list").output


def test_an_edited_letter_is_checked_against_its_schema_and_keeps_its_id(
    cemetery: Cemetery, tmp_path: Path
) -> None:
    whole = json.loads(event("edited"))
    broken = whole | {"data": {k: v for k, v in whole["data"].items() if k != "digest"}}
    (letter,) = cemetery.bury(json.dumps(broken).encode(), outcome="unreadable")
    file = tmp_path / "event.json"
    file.write_bytes(json.dumps(broken).encode())
    still = cemetery.run("edit", letter, "--body", str(file), *WHO, "--yes")
    assert still.exit_code == 1
    assert "digest" in still.output
    file.write_bytes(event("of another id"))
    other = cemetery.run("edit", letter, "--body", str(file), *WHO, "--yes")
    assert other.exit_code == 1
    assert "keeps its id" in other.output
    file.write_bytes(event("edited"))
    assert cemetery.run("edit", letter, "--body", str(file), *WHO, "--yes").exit_code == 0
    assert [one["dead-letter"] for one in cemetery.records(event("edited"))] == [letter]
    assert "edited" in cemetery.run("show", letter).output


def test_an_editor_may_mend_what_cannot_be_read(
    cemetery: Cemetery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (letter,) = cemetery.bury(b"{" + event("in an editor"), outcome="unreadable")
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/^{{/{/" "$1"\n', encoding="utf-8")
    editor.chmod(0o755)
    monkeypatch.setitem(os.environ, "VISUAL", str(editor))
    told = cemetery.run("edit", letter, *WHO, "--yes")
    assert told.exit_code == 0, told.output
    assert len(cemetery.records(event("in an editor"))) == 1
    monkeypatch.setitem(os.environ, "VISUAL", "true")
    (unchanged,) = cemetery.bury(event("left as it was"))
    assert "nothing was changed" in cemetery.run("edit", unchanged, *WHO, "--yes").output


def test_the_books_want_an_event_that_was_replayed_and_none_that_is_dead(
    cemetery: Cemetery,
) -> None:
    body = event("in the books")
    id_ = json.loads(body)["id"]
    (letter,) = cemetery.bury(body)
    assert id_ in asyncio.run(read_log(cemetery.kafka)).dead
    cemetery.run("replay", letter, *WHO, "--yes")
    replayed = cemetery.acts(lambda acts: acts.replayed())
    assert isinstance(replayed, frozenset)
    assert id_ not in asyncio.run(read_log(cemetery.kafka, replayed)).dead


def test_a_topic_is_a_filter_too(cemetery: Cemetery) -> None:
    id_ = str(uuid5(NAMESPACE_URL, "topic filter"))
    cemetery.bury(id_.encode(), topic=PROGRESS, outcome="unreadable")
    where = ["--where", f"about={id_}", "--where"]
    assert "1 封" in cemetery.run("list", *where, f"topic={PROGRESS.name}").output
    assert "0 封" in cemetery.run("list", *where, f"topic={DECISIONS.name}").output
