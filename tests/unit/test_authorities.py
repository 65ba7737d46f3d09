"""A Kafka cluster's certificates change over to another authority, and nobody is restarted."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from linkage_runtime.kafka_security import FollowedAuthorities, KafkaSecurity


def issued(folder: Path, name: str) -> tuple[bytes, ssl.SSLContext]:
    """An authority's certificate, and a server that shows one which it signed for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    at = datetime.now(tz=UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    shown = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both = folder / f"{name}.pem"
    both.write_bytes(shown + private)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    return shown, server


@asynccontextmanager
async def serving(tls: ssl.SSLContext) -> AsyncIterator[int]:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def connect(port: int, tls: ssl.SSLContext) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    writer.close()


def write(file: Path, content: bytes, turn: int) -> None:
    file.write_bytes(content)
    os.utime(file, ns=(turn, turn))


async def test_a_new_authority_is_trusted_from_the_next_connection_on(tmp_path: Path) -> None:
    (old, old_server), (new, new_server) = (issued(tmp_path, name) for name in ("old", "new"))
    file = tmp_path / "kafka.crt"
    write(file, old, 1)
    tls = KafkaSecurity(protocol="SASL_SSL", ca=file).tls
    assert isinstance(tls, FollowedAuthorities)
    async with serving(old_server) as before, serving(new_server) as after:
        await connect(before, tls)
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(after, tls)
        write(file, old + new, 2)
        await connect(after, tls)
        await connect(before, tls)


async def test_a_file_that_is_half_written_takes_nothing_away(tmp_path: Path) -> None:
    old, old_server = issued(tmp_path, "old")
    file = tmp_path / "kafka.crt"
    write(file, old, 1)
    tls = FollowedAuthorities(file)
    async with serving(old_server) as port:
        write(file, old[:40], 2)
        await connect(port, tls)
        file.unlink()
        await connect(port, tls)


def test_a_file_that_is_missing_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        FollowedAuthorities(tmp_path / "none.crt")
