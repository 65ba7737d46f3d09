"""In which partition of the feeds an organisation's entries lie."""

from functools import lru_cache

from aiokafka.partitioner import murmur2

_POSITIVE = 0x7FFFFFFF


@lru_cache(maxsize=10_000)
def partition_of(organisation: str, partitions: int) -> int:
    """Kafka's default for a key: the producer puts all of an organisation's entries there."""
    return int((murmur2(organisation.encode()) & _POSITIVE) % partitions)
