"""The publisher on a producer that fails in every way that a real one does."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    OutOfOrderSequenceNumber,
)

from linkage_runtime import publisher as publisher_module
from linkage_runtime.errors import OutcomeUnknownError, PermanentError
from linkage_runtime.publisher import KafkaPublisher


class Producer:
    """Takes what it is given, or fails as it is told; ``made`` are all there ever were."""

    made: Sequence["Producer"] = ()
    errors: Iterator[KafkaError | None] = iter(())

    def __init__(self, **_: Any) -> None:
        self.stopped = False
        type(self).made = [*self.made, self]

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, *_: Any, **__: Any) -> Any:
        error = next(self.errors, None)

        async def acknowledgement() -> None:
            if error is not None:
                raise error

        return acknowledgement()


@pytest.fixture
def producers(monkeypatch: pytest.MonkeyPatch) -> type[Producer]:
    class Fresh(Producer):
        made = ()
        errors = iter(())

    monkeypatch.setattr(publisher_module, "AIOKafkaProducer", Fresh)
    return Fresh


async def send(publisher: KafkaPublisher) -> None:
    await publisher.send("topic", [(b"key", b"body", ())])


@pytest.mark.parametrize(
    "error", [OutOfOrderSequenceNumber(), KafkaError("Unexpected error")], ids=repr
)
async def test_a_producer_that_broke_for_good_is_replaced(
    producers: type[Producer], error: KafkaError
) -> None:
    producers.errors = iter([error])
    publisher = KafkaPublisher("nowhere:0")
    with pytest.raises(OutcomeUnknownError):
        await send(publisher)
    await send(publisher)
    broken, _ = producers.made
    assert broken.stopped


async def test_a_producer_in_passing_trouble_is_kept(producers: type[Producer]) -> None:
    producers.errors = iter([NotLeaderForPartitionError()])
    publisher = KafkaPublisher("nowhere:0")
    with pytest.raises(OutcomeUnknownError):
        await send(publisher)
    await send(publisher)
    assert len(producers.made) == 1


async def test_what_is_too_large_will_always_be(producers: type[Producer]) -> None:
    producers.errors = iter([MessageSizeTooLargeError()])
    with pytest.raises(PermanentError):
        await send(KafkaPublisher("nowhere:0"))
