"""Whether a Kafka listener speaks TLS, asked when a client got no word from it."""

import asyncio
import ssl
from typing import Final

from linkage_runtime.doctor.finding import Finding, wrong
from linkage_runtime.kafka_security import KafkaSecurity

_SECONDS: Final = 3.0


async def examine_listener(kafka: str, security: KafkaSecurity) -> Finding | None:
    """Of the first server that answers: what is wrong, if one side encrypts and the other does not.

    Only after trouble: a broker logs a stranger's attempt.
    """
    for server in kafka.split(","):
        encrypts = await _speaks_tls(server.strip())
        if encrypts is not None:
            return None if encrypts is (security.tls is not None) else _judge(server, encrypts)
    return None


async def _speaks_tls(server: str) -> bool | None:
    """``None``: nobody is there, or not a word came back."""
    host, _, port = server.rpartition(":")
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(_SECONDS):
            _, writer = await asyncio.open_connection(host, int(port), ssl=anybody)
    except (ConnectionRefusedError, TimeoutError, ValueError):
        return None
    except OSError as error:
        # Hung up on a greeting in TLS, or answered it by something else. A name that is unknown
        # and a network that leads nowhere have numbers, too.
        return False if isinstance(error, ssl.SSLError | ConnectionResetError) else None
    writer.close()
    return True


def _judge(server: str, encrypts: bool) -> Finding:  # noqa: FBT001 -- an answer, not a flag
    if encrypts:
        seen = (
            f"{server} 要求 TLS，而本机按 LINKAGE_KAFKA_SECURITY 以明文连接",
            f"{server} speaks TLS, and LINKAGE_KAFKA_SECURITY says to speak in clear",
        )
        mend = (
            "设 LINKAGE_KAFKA_SECURITY=SASL_SSL (或 SSL)、LINKAGE_KAFKA_CA、用户名与密码",
            "set LINKAGE_KAFKA_SECURITY=SASL_SSL (or SSL), LINKAGE_KAFKA_CA, user and password",
        )
    else:
        seen = (
            f"{server} 不用 TLS，而 LINKAGE_KAFKA_SECURITY 要求 TLS",
            f"{server} speaks no TLS, and LINKAGE_KAFKA_SECURITY asks for it",
        )
        mend = (
            "改用加密监听端口；只有同机的节点才可设 LINKAGE_KAFKA_SECURITY=PLAINTEXT",
            "take the listener that encrypts; PLAINTEXT is for a broker on the same machine alone",
        )
    return wrong("kafka", seen, mend=mend)
