"""What each service may do on Kafka: its own topics, those that it reads, and nothing else.

The command and the books stand outside: they make topics and rules, replay and reconcile all.
"""

from collections.abc import Iterator
from typing import Final

from linkage_contracts.topics import TOPICS, Service
from linkage_runtime.kafka_access import CLUSTER_NAME, May, On, Rule, allow
from linkage_runtime.kafka_security import KafkaSecurity

SERVICES: Final = tuple(sorted({topic.owner for topic in TOPICS}))
_LETS_ORGANISATIONS_IN: Final = "supervision-push"
_FEED_TOPICS: Final = "linkage.feed."


def rights_of(service: Service) -> Iterator[Rule]:
    """The rules of one service's user."""
    for topic in TOPICS:
        if topic.owner == service:
            yield Rule(On.TOPIC, topic.name, May.WRITE)
        if service in topic.readers:
            yield Rule(On.TOPIC, topic.name, May.READ)
            yield Rule(On.TOPIC, topic.dead_letter, May.WRITE)
    yield Rule(On.GROUP, service, May.READ)
    if service == _LETS_ORGANISATIONS_IN:
        # Topics of subscribers, and a rule that lets each read its own: Kafka has no smaller right.
        yield Rule(On.TOPIC, _FEED_TOPICS, May.CREATE, prefix=True)
        yield Rule(On.TOPIC, _FEED_TOPICS, May.WRITE, prefix=True)
        yield Rule(On.CLUSTER, CLUSTER_NAME, May.ALTER)


async def grant_rights(kafka: str, security: KafkaSecurity, principal: str) -> None:
    """Allow every service what it needs, where the cluster knows who is who.

    Args:
        kafka: bootstrap servers.
        security: of a user that may alter the cluster.
        principal: who a service is to the cluster, with ``{service}`` in it.

    Raises:
        TransientError: the cluster would not, or does not answer.
    """
    if not security.has_principals:
        return
    for service in SERVICES:
        await allow(kafka, security, principal.format(service=service), rights_of(service))
