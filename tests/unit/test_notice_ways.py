"""Liaisons told by a command, an HTTP hook and SMTP: off-the-shelf receivers at the other end."""

import asyncio
import json
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from linkage_runtime.clock import now
from linkage_runtime.errors import TransientError
from supervision_push.adapters.notices.notice_gateways import CommandNotifier, HttpNotifier
from supervision_push.adapters.notices.notice_mail import MailNotifier
from supervision_push.adapters.notices.notice_text import NoticeText
from supervision_push.domain.digest import Digest, Liaison, Via, Work
from tests.unit.feed_fakes import BUREAU
from tests.unit.webhook_receiver import answer_of, receiving

if TYPE_CHECKING:
    from email.message import EmailMessage

TEXT = NoticeText(link="https://linkage.example/todo")
DIGEST = Digest(id="5ea426e7-4dc1-5b8f-baca-000000000001", upto=4, counts={Work.OVERDUE: 3})
LI = Liaison(name="li", via=Via.EMAIL, address="li@example.cn")
PHONE = Liaison(name="wang", via=Via.COMMAND, address="13800000000; rm -rf /")


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


async def test_a_command_gets_the_message_as_json_and_nothing_on_its_command_line(
    tmp_path: Path,
) -> None:
    left = tmp_path / "message.json"
    copy = f"import sys; open({str(left)!r}, 'wb').write(sys.stdin.buffer.read())"
    await CommandNotifier(python(copy), TEXT).notify(BUREAU, DIGEST, PHONE)
    message = json.loads(left.read_text(encoding="utf-8"))
    assert message["id"] == DIGEST.id
    assert message["to"] == "13800000000; rm -rf /"
    assert message["counts"] == {"new": 0, "overdue": 3, "escalated": 0}
    assert message["subject"] == "【审管联动】新待办 0 项,超期 3 项,督办 0 项"
    assert message["text"].endswith("https://linkage.example/todo\n")


@pytest.mark.parametrize(
    ("command", "cause"),
    [
        (python("raise SystemExit(3)"), "exit code 3"),
        (python("import time; time.sleep(60)"), "not done after 0.5 s"),
        (("/nowhere/sms",), "cannot be run: FileNotFoundError"),
    ],
)
async def test_a_command_that_fails_hangs_or_is_missing_is_a_failure(
    command: tuple[str, ...], cause: str
) -> None:
    with pytest.raises(TransientError, match=cause):
        await CommandNotifier(command, TEXT, seconds=0.5).notify(BUREAU, DIGEST, PHONE)


async def test_a_hook_gets_the_message_with_its_token_and_a_key_that_stays_the_same() -> None:
    async with receiving(answer_of(202), answer_of(503)) as (hook, url):
        notifier = HttpNotifier(url, "s3cret", TEXT)
        await notifier.notify(BUREAU, DIGEST, PHONE)
        with pytest.raises(TransientError, match="answered 503"):
            await notifier.notify(BUREAU, DIGEST, PHONE)
    assert {request.headers["idempotency-key"] for request in hook.requests} == {DIGEST.id}
    assert hook.requests[0].headers["authorization"] == "Bearer s3cret"
    assert json.loads(hook.requests[0].body)["organisation"] == BUREAU


async def test_a_hook_that_is_away_is_a_failure() -> None:
    notifier = HttpNotifier("http://127.0.0.1:1/", None, TEXT)
    with pytest.raises(TransientError, match="ConnectError"):
        await notifier.notify(BUREAU, DIGEST, PHONE)


class Mailboxes:
    """What a mail server took."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []
        self.refuses = False

    async def handle_DATA(  # noqa: N802 -- as aiosmtpd calls it
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        if self.refuses:
            return "451 try again later"
        message: Any = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.taken.append((list(envelope.rcpt_tos), message))
        return "250 taken"


@asynccontextmanager
async def mail_server(
    mailboxes: Mailboxes, ssl_context: ssl.SSLContext | None = None, **settings: Any
) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(mailboxes, loop=loop, **settings), "127.0.0.1", 0, ssl=ssl_context
    )
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context, and that of a client which trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


def authenticate(_server: object, _session: object, _envelope: object, _how: str, data: Any) -> Any:
    known = LoginPassword(b"linkage", b"p@ss")
    return AuthResult(success=data == known, handled=False)


async def test_a_mail_names_its_digest_and_nothing_but_counts() -> None:
    mailboxes = Mailboxes()
    async with mail_server(mailboxes) as port:
        notifier = MailNotifier(f"smtp://127.0.0.1:{port}", "linkage@example.cn", TEXT)
        await notifier.notify(BUREAU, DIGEST, LI)
    ((recipients, message),) = mailboxes.taken
    assert recipients == ["li@example.cn"]
    assert message["Subject"] == "【审管联动】新待办 0 项,超期 3 项,督办 0 项"
    assert message["Message-ID"] == f"<{DIGEST.id}@example.cn>"
    assert message.get_content().replace("\r\n", "\n") == TEXT.body(BUREAU, DIGEST)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
async def test_a_mail_goes_over_tls_with_a_password(
    scheme: str, tls: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    mailboxes, (of_server, of_client) = Mailboxes(), tls
    settings: dict[str, Any] = {"authenticator": authenticate, "auth_required": True}
    if scheme == "smtps":
        # It does not know that all of it is encrypted.
        settings |= {"ssl_context": of_server, "auth_require_tls": False}
    else:
        settings["tls_context"] = of_server
    async with mail_server(mailboxes, **settings) as port:
        server = f"{scheme}://linkage:p%40ss@localhost:{port}"
        await MailNotifier(server, "a@b.cn", TEXT, of_client).notify(BUREAU, DIGEST, LI)
        wrong = f"{scheme}://linkage:wrong@localhost:{port}"
        with pytest.raises(TransientError, match="SMTPAuthenticationError"):
            await MailNotifier(wrong, "a@b.cn", TEXT, of_client).notify(BUREAU, DIGEST, LI)
        with pytest.raises(TransientError, match="SSLCertVerificationError"):
            await MailNotifier(server, "a@b.cn", TEXT).notify(BUREAU, DIGEST, LI)
    assert len(mailboxes.taken) == 1


async def test_a_server_that_refuses_or_is_away_is_a_failure_that_names_no_mailbox() -> None:
    mailboxes = Mailboxes()
    mailboxes.refuses = True
    async with mail_server(mailboxes) as port:
        refusing = MailNotifier(f"smtp://127.0.0.1:{port}", "a@b.cn", TEXT)
        with pytest.raises(TransientError, match=r"^SMTPDataError$"):
            await refusing.notify(BUREAU, DIGEST, LI)
    away = MailNotifier("smtp://127.0.0.1:1", "a@b.cn", TEXT)
    with pytest.raises(TransientError, match=r"^ConnectionRefusedError$"):
        await away.notify(BUREAU, DIGEST, LI)


@pytest.mark.parametrize("address", ["=?utf-8?b?DQpCY2M6IGFsbEBhLmNu?=@a.cn", "li@a..cn", "li"])
async def test_what_is_no_mailbox_is_a_failure_of_its_own_and_of_nobody_else(address: str) -> None:
    notifier = MailNotifier("smtp://127.0.0.1:1", "a@b.cn", TEXT)
    with pytest.raises(TransientError, match=r"^not a mailbox$"):
        await notifier.notify(BUREAU, DIGEST, replace(LI, address=address))


def test_a_server_is_an_address_with_a_known_scheme() -> None:
    with pytest.raises(ValueError, match="smtps"):
        MailNotifier("mail.example.cn", "a@b.cn", TEXT)
