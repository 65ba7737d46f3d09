"""An organisation's own Kafka topic: made when it subscribes, written by the deliverer.

Kafka's access rules are per topic, so each organisation that chose Kafka has one to itself.
"""

from collections.abc import Sequence

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from linkage_contracts.topics import FEEDS
from linkage_runtime.errors import PermanentError, TransientError
from linkage_runtime.kafka_access import May, On, Rule, allow
from linkage_runtime.kafka_security import PLAINTEXT, KafkaSecurity
from linkage_runtime.publisher import KafkaPublisher
from supervision_push.domain.answer import Accepted, Cause, Failed, Outcome
from supervision_push.domain.entry import StoredEntry
from supervision_push.domain.subscription import Subscription

# CloudEvents' Kafka binding, structured mode.
_HEADERS = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
# One partition: the feed is one ordered log, and one organisation's is small.
_PARTITIONS = 1
_KEPT_FOR_EVER = {"cleanup.policy": "delete", "retention.ms": "-1"}


class KafkaFeedTopics:
    """Makes topics; rarely needed, so it connects for each."""

    def __init__(
        self,
        bootstrap: str,
        security: KafkaSecurity = PLAINTEXT,
        principal: str = "User:{organisation}",
    ) -> None:
        self._bootstrap = bootstrap
        self._security = security
        self._principal = principal

    async def create(self, topic: str, organisation: str) -> None:
        """Make the topic if it is not there, and let its organisation read it where others may not.

        Raises:
            TransientError: the broker is away, or would not make it.
        """
        admin = AIOKafkaAdminClient(
            bootstrap_servers=self._bootstrap, **self._security.client_options()
        )
        try:
            await admin.start()
            (ours,) = await admin.describe_topics([FEEDS.name])
            # As many copies as our own feed has: what it can lose, this can.
            copies = max((len(one["replicas"]) for one in ours["partitions"]), default=1)
            wanted = NewTopic(topic, _PARTITIONS, copies, topic_configs=_KEPT_FOR_EVER)
            response = await admin.create_topics([wanted])
            if self._security.has_principals:
                reader = self._principal.format(organisation=organisation)
                await allow(self._bootstrap, self._security, reader, _readable(topic))
        except KafkaError as error:
            raise TransientError(f"topic {topic}: {type(error).__name__}") from error
        finally:
            await admin.close()
        for name, code, *_ in response.topic_errors:
            if code and for_code(code) is not TopicAlreadyExistsError:
                raise TransientError(f"topic {name}: {for_code(code).__name__}")


def _readable(topic: str) -> tuple[Rule, ...]:
    """To be read, in the group of the same name or one that begins with it and a dot."""
    return (
        Rule(On.TOPIC, topic, May.READ),
        Rule(On.GROUP, topic, May.READ),
        Rule(On.GROUP, f"{topic}.", May.READ, prefix=True),
    )


class TopicSender:
    """Writes entries to the organisation's topic, keyed by party, as they stood on ours."""

    def __init__(self, publisher: KafkaPublisher) -> None:
        self._publisher = publisher

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        """See ``Sender``."""
        if subscription.topic is None:
            msg = f"subscription {subscription.id} has no topic"
            raise TypeError(msg)
        records = [
            ((entry.party or entry.recipient).encode(), entry.body, _HEADERS) for entry in entries
        ]
        try:
            await self._publisher.send(subscription.topic, records)
        except TransientError as error:
            return Failed(cause=Cause.BROKER, detail=str(error))
        except PermanentError as error:
            return Failed(cause=Cause.REFUSED, detail=str(error))
        return Accepted()
