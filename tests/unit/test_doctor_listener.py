"""What `linkage doctor` says where only one of client and broker encrypts."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from linkage_runtime.doctor.broker import examine_broker
from linkage_runtime.doctor.finding import State
from linkage_runtime.doctor.topics import Wanted
from linkage_runtime.kafka_security import KafkaSecurity, Protocol

TODAY = datetime(2026, 11, 28, tzinfo=UTC)


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    """A listener that understands nothing: hangs up on the first word, or after the handshake."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def a_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(TODAY - timedelta(days=999))
        .not_valid_after(TODAY + timedelta(days=9999))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "both.pem"
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    ("protocol", "encrypts", "said", "remedy"),
    [
        ("PLAINTEXT", True, "speaks TLS", "LINKAGE_KAFKA_SECURITY=SASL_SSL"),
        ("SASL_PLAINTEXT", True, "speaks TLS", "LINKAGE_KAFKA_CA"),
        ("SASL_SSL", False, "speaks no TLS", "the listener that encrypts"),
        ("PLAINTEXT", False, "cannot be spoken to", "the brokers' logs"),
    ],
)
async def test_a_client_in_clear_and_a_listener_in_tls_are_told_of_one_another(
    tmp_path: Path, *, protocol: Protocol, encrypts: bool, said: str, remedy: str
) -> None:
    security = KafkaSecurity(protocol=protocol, username="u", password=SecretStr("hidden"))
    async with listening(a_certificate(tmp_path) if encrypts else None) as kafka:
        (found,) = await examine_broker(kafka, security, Wanted(partitions=8, replication=1))
    assert found.state is State.WRONG
    assert said in found.en
    assert remedy in found.remedy_en
    assert "hidden" not in str(found)
