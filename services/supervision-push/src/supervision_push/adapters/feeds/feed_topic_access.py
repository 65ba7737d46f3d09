"""Kafka's access rules for one organisation: its own topic, its own consumer groups, nothing else.

aiokafka speaks this request, but its admin client has no call for it.
"""

from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import SecurityDisabled, for_code
from aiokafka.protocol.admin import CreateAclsRequest

from linkage_runtime.errors import TransientError
from linkage_runtime.kafka_security import KafkaSecurity

# Kafka's codes of resource, pattern, operation and permission.
_TOPIC, _GROUP = 2, 3
_LITERAL, _PREFIXED = 3, 4
_READ, _ALLOW = 3, 3
_ANY_HOST: Final = "*"


async def allow_reader(bootstrap: str, security: KafkaSecurity, topic: str, principal: str) -> None:
    """Let the principal read the topic, in the group of the same name or one that begins with it.

    A cluster without access rules has nothing to allow. Allowing it twice changes nothing.

    Raises:
        TransientError: the cluster would not.
    """
    client = AIOKafkaClient(bootstrap_servers=bootstrap, **security.client_options())
    try:
        await client.bootstrap()
        for kind, name, pattern in (
            (_TOPIC, topic, _LITERAL),
            (_GROUP, topic, _LITERAL),
            (_GROUP, f"{topic}.", _PREFIXED),
        ):
            request = CreateAclsRequest(kind, name, pattern, principal, _ANY_HOST, _READ, _ALLOW)
            response = await client.send(client.get_random_node(), request)
            for code, _ in response.creation_responses:
                if code and for_code(code) is not SecurityDisabled:
                    raise TransientError(f"access to {topic}: {for_code(code).__name__}")
    finally:
        await client.close()
