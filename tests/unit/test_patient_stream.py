"""Batches of a stream that sleeps until something arrives."""

import asyncio

import faust
import pytest

from linkage_runtime.patient_stream import PatientStream

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


async def _now_and_then(channel: faust.ChannelT[int]) -> None:
    for number in range(5):
        await channel.send(value=number)
    await asyncio.sleep(0.3)
    await channel.send(value=5)


async def test_what_comes_together_is_one_batch_and_between_them_nothing_is_looked_for() -> None:
    looks = 0

    class Watched(PatientStream):
        async def wait_for_stopped(self, *waits: object, timeout: object = None) -> bool:  # noqa: ASYNC109
            nonlocal looks
            looks += 1
            return await super().wait_for_stopped(*waits, timeout=timeout)  # type: ignore[arg-type]

    app = faust.App("patient", broker="aiokafka://127.0.0.1:1", store="memory://", Stream=Watched)
    app.flow_control.resume()
    channel = app.channel()
    sending = asyncio.create_task(_now_and_then(channel))
    batches = []
    async for batch in channel.stream().take(3, within=0.02):
        batches.append(list(batch))
        if batch[-1] == 5:
            break
    await sending
    assert batches == [[0, 1, 2], [3, 4], [5]]
    assert looks < 10, "faust itself looks fifty times a second"
