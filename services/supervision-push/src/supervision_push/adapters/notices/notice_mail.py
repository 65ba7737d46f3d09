"""Liaisons told by e-mail: SMTP with TLS, a connection for each message; there are few."""

import asyncio
import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from typing import Final
from urllib.parse import unquote, urlsplit

from linkage_runtime.errors import TransientError
from supervision_push.adapters.notices.notice_text import NoticeText
from supervision_push.domain.digest import Digest, Liaison

SECONDS: Final = 30.0
_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailNotifier:
    """``server`` reads ``smtps://user:password@host:465``, ``smtp+starttls://…`` or ``smtp://…``.

    The last is in clear, for a relay on the same machine.
    """

    def __init__(
        self, server: str, sender: str, text: NoticeText, tls: ssl.SSLContext | None = None
    ) -> None:
        self._server = urlsplit(server)
        if self._server.scheme not in _PORTS or not self._server.hostname:
            raise ValueError(f"not the address of a mail server: one of {', '.join(_PORTS)}://host")
        self._sender = sender
        self._text = text
        self._tls = tls or ssl.create_default_context()

    async def notify(self, organisation: str, digest: Digest, liaison: Liaison) -> None:
        """See ``Notifier``."""
        message = self._message(organisation, digest, liaison)
        try:
            await asyncio.to_thread(self._send, message)
        except (smtplib.SMTPException, OSError) as error:
            # Its text may hold the liaison's mailbox.
            raise TransientError(type(error).__name__) from error

    def _message(self, organisation: str, digest: Digest, liaison: Liaison) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = _mailbox(liaison.address)
        message["Subject"] = self._text.subject(digest)
        message["Date"] = formatdate()
        # The same again when it is sent again, so that a mailbox may drop the second.
        message["Message-ID"] = f"<{digest.id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._text.body(organisation, digest))
        return message

    def _send(self, message: EmailMessage) -> None:
        with self._connect() as server:
            if self._server.username:
                password = unquote(self._server.password or "")
                server.login(unquote(self._server.username), password)
            server.send_message(message)

    def _connect(self) -> smtplib.SMTP:
        scheme, host = self._server.scheme, self._server.hostname or ""
        port = self._server.port or _PORTS[scheme]
        if scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=self._tls)
        server = smtplib.SMTP(host, port, timeout=SECONDS)
        if scheme == "smtp+starttls":
            server.starttls(context=self._tls)
        return server


def _mailbox(address: str) -> Address:
    # Not the text itself: in that, encoded words would be decoded, whatever they hold.
    try:
        return Address(addr_spec=address)
    except (ValueError, MessageError):
        # Its text may hold the liaison's mailbox.
        raise TransientError("not a mailbox") from None
