"""A sample regulator that reads a Kafka topic of its own, with its own consumer group.

Stand-alone: imports nothing of this repository.
"""

import argparse
import asyncio
import json
import signal

from aiokafka import AIOKafkaConsumer
from regulating import Regulator


async def read(regulator: Regulator, kafka: str, topic: str) -> None:
    """Work through what stands on the topic; commit only what was done."""
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=kafka,
        group_id=f"regulator-{regulator.organisation}",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        while True:
            polled = await consumer.getmany(timeout_ms=300, max_records=500)
            entries = [json.loads(r.value) for records in polled.values() for r in records]
            if entries:
                await asyncio.to_thread(regulator.handle, entries)
                await consumer.commit()
            else:
                # Not every broker holds an empty fetch open: nothing is asked while we rest.
                consumer.pause(*consumer.assignment())
                await asyncio.sleep(0.2)
                consumer.resume(*consumer.assignment())
    finally:
        await consumer.stop()


async def run(options: argparse.Namespace) -> None:
    """Subscribe, then read until told to stop; print what was done."""
    regulator = Regulator(
        options.url, options.key, options.organisation, hand_over_to=options.hand_over_to
    )
    subscription = regulator.api.post("/v1/subscriptions", {"channel": "kafka"})
    reading = asyncio.create_task(read(regulator, options.kafka, subscription["topic"]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reading.cancel)
    try:
        await reading
    except asyncio.CancelledError:
        print(json.dumps(regulator.counts, ensure_ascii=False), flush=True)


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("url", "key", "organisation", "hand-over-to", "kafka"):
        parser.add_argument(f"--{name}", required=True)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
