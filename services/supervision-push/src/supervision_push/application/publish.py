"""Publish letters topic by topic, each topic's in the order given."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

from supervision_push.application.ports import Letter, Publisher


async def publish_letters(letters: Iterable[Letter], *, publisher: Publisher) -> None:
    """Return only once all are acknowledged; the topics are written side by side."""
    by_topic = defaultdict(list)
    for topic, event in letters:
        by_topic[topic].append(event)
    await asyncio.gather(*(publisher.publish(*of_topic) for of_topic in by_topic.items()))
