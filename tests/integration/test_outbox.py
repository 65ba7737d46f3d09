"""An act and its event are one write: whatever dies in between, the event comes out."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from linkage_contracts.generate import ROOT
from linkage_contracts.topics import PROGRESS
from linkage_runtime import outbox as outbox_module
from linkage_runtime.errors import OutcomeUnknownError
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox, holding
from linkage_runtime.publisher import Headers, KafkaPublisher

RECEIVED = PROGRESS.read((ROOT / "examples" / "linkage.push.received.v1.json").read_bytes())
ENROLLED = PROGRESS.read((ROOT / "examples" / "linkage.push.enrolled.v1.json").read_bytes())
Records = Sequence[tuple[bytes | None, bytes, Headers]]


class Log(KafkaPublisher):
    """Remembers what was acknowledged; is away for the first ``failures`` times."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__("nowhere:0")
        self.sent: list[tuple[str, bytes]] = []
        self.failures = failures

    async def send(self, topic: str, records: Records) -> None:
        if self.failures:
            self.failures -= 1
            raise OutcomeUnknownError("no answer")
        self.sent += [(topic, body) for _, body, _ in records]


async def act(store: Database, *events: object) -> None:
    """What a use case does: one write that also holds its events."""
    held = holding([(PROGRESS, event) for event in events])  # type: ignore[misc]
    change = {"$push": held["$push"], "$set": {**held["$set"], "state": "received"}}
    await store["acts"].update_one({"_id": "one"}, change, upsert=True)


async def test_an_act_is_published_and_then_marked(store: Database) -> None:
    log = Log()
    await act(store, RECEIVED, ENROLLED)
    outbox = Outbox(store["acts"], log)
    await outbox.flush(["one"])
    await outbox.flush(["one"])
    assert log.sent == [(PROGRESS.name, RECEIVED.to_bytes()), (PROGRESS.name, ENROLLED.to_bytes())]


async def test_what_a_dying_process_left_is_swept_up(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(failures=1)
    await act(store, RECEIVED)
    outbox = Outbox(store["acts"], log)
    with pytest.raises(OutcomeUnknownError):
        await outbox.flush(["one"])
    assert await outbox.sweep() == 0, "too fresh: the process that acted may still be at it"
    monkeypatch.setattr(outbox_module, "SWEEP_AFTER", timedelta(seconds=-1))
    assert await outbox.sweep() == 1
    assert await outbox.sweep() == 0
    assert log.sent == [(PROGRESS.name, RECEIVED.to_bytes())]


async def test_an_act_between_publishing_and_marking_is_not_marked_away(store: Database) -> None:
    class ActsMeanwhile(Log):
        async def send(self, topic: str, records: Records) -> None:
            await super().send(topic, records)
            if len(self.sent) == 1:
                await act(store, ENROLLED)

    log = ActsMeanwhile()
    await act(store, RECEIVED)
    outbox = Outbox(store["acts"], log)
    await outbox.flush(["one"])
    assert [body for _, body in log.sent] == [RECEIVED.to_bytes()]
    await outbox.flush(["one"])
    # The first went out again beside the second: the same event, one effect, and none is lost.
    bodies = [RECEIVED.to_bytes(), RECEIVED.to_bytes(), ENROLLED.to_bytes()]
    assert [body for _, body in log.sent] == bodies
    await outbox.flush(["one"])
    assert len(log.sent) == len(bodies)


async def test_an_act_that_holds_nothing_holds_up_no_other(store: Database) -> None:
    log = Log()
    await act(store)
    await Outbox(store["acts"], log).flush(["one"])
    (document,) = await store["acts"].find({}).to_list(None)
    assert "unpublished" not in document
    assert log.sent == []
