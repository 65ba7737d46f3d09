"""Dead letters on Kafka: untouched bytes beside their topic, the reason in headers."""

from collections.abc import Sequence

from linkage_contracts.topics import Topic
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.settlement import DeadLetter, dead_letter_headers


class KafkaDeadLetters:
    """Buries what can never be settled on ``<topic>.dead-letter``."""

    def __init__(self, publisher: KafkaPublisher) -> None:
        self._publisher = publisher

    async def bury(self, topic: Topic, reader: str, letters: Sequence[DeadLetter]) -> None:
        """Return only once all are acknowledged."""
        await self._publisher.send(
            topic.dead_letter,
            [
                (letter.record.key, letter.record.body or b"", dead_letter_headers(reader, letter))
                for letter in letters
            ],
        )
