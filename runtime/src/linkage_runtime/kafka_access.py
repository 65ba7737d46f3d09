"""Kafka's access rules: who may do what with which topics and groups.

aiokafka speaks this request, but its admin client has no call for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest

from linkage_runtime.errors import TransientError
from linkage_runtime.kafka_security import KafkaSecurity

_ANY_HOST = "*"
_ALLOW = 3
_LITERAL, _PREFIXED = 3, 4
CLUSTER_NAME = "kafka-cluster"


class On(IntEnum):
    """Kafka's codes of kinds of resources."""

    TOPIC = 2
    GROUP = 3
    CLUSTER = 4


class May(IntEnum):
    """Kafka's codes of operations; reading and writing imply describing."""

    READ = 3
    WRITE = 4
    CREATE = 5
    ALTER = 7


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is allowed; ``prefix`` makes the name stand for all that begin with it."""

    on: On
    name: str
    may: May
    prefix: bool = False


async def allow(
    bootstrap: str, security: KafkaSecurity, principal: str, rules: Iterable[Rule]
) -> None:
    """Allow the principal all of these; allowing it twice changes nothing.

    A cluster without access rules has nothing to allow.

    Raises:
        TransientError: the cluster would not, or does not answer.
    """
    client = AIOKafkaClient(bootstrap_servers=bootstrap, **security.client_options())
    try:
        await client.bootstrap()
        for rule in rules:
            pattern = _PREFIXED if rule.prefix else _LITERAL
            request = CreateAclsRequest(
                rule.on, rule.name, pattern, principal, _ANY_HOST, rule.may, _ALLOW
            )
            response = await client.send(client.get_random_node(), request)
            for code, _ in response.creation_responses:
                if code and for_code(code) is not SecurityDisabled:
                    raise TransientError(f"access to {rule.name}: {for_code(code).__name__}")
    except KafkaError as error:
        raise TransientError(f"access of {principal}: {type(error).__name__}") from error
    finally:
        await client.close()
