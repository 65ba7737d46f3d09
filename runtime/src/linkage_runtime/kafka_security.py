"""How this system proves to a Kafka cluster who it is, and knows that it is that cluster."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import structlog
from pydantic import SecretStr

log = structlog.get_logger()

Protocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSecurity:
    """``ca`` signed the brokers' certificates; without it the machine's own authorities count."""

    protocol: Protocol = "PLAINTEXT"
    mechanism: Mechanism = "SCRAM-SHA-512"
    username: str | None = None
    password: SecretStr | None = None
    ca: Path | None = None

    @property
    def has_principals(self) -> bool:
        """Whether the cluster knows who its clients are, and so may refuse them."""
        return self.protocol != "PLAINTEXT"

    @property
    def tls(self) -> ssl.SSLContext | None:
        """For protocols that encrypt."""
        if not self.protocol.endswith("SSL"):
            return None
        return FollowedAuthorities(self.ca) if self.ca else ssl.create_default_context()

    def client_options(self) -> dict[str, Any]:
        """For any client of aiokafka."""
        options: dict[str, Any] = {"security_protocol": self.protocol, "ssl_context": self.tls}
        if self.protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password.get_secret_value() if self.password else None,
            }
        return options


class FollowedAuthorities(ssl.SSLContext):
    """Trusts whom its file names when a connection begins: a new authority needs no restart.

    One that was taken out of the file is trusted until the process ends.
    """

    _file: Path
    _read_at: int

    def __new__(cls, file: Path) -> Self:
        """A context for clients that verify.

        Raises:
            OSError: there is no such file, or it holds no certificate.
        """
        context = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        context._file, context._read_at = file, file.stat().st_mtime_ns
        context.load_verify_locations(file)
        return context

    def wrap_bio(self, *given: Any, **more: Any) -> ssl.SSLObject:  # noqa: ANN401 -- as it is there
        """A connection of asyncio or uvloop begins."""
        try:
            if (written_at := self._file.stat().st_mtime_ns) != self._read_at:
                self.load_verify_locations(self._file)
                self._read_at = written_at
        except OSError as error:
            # Half written, or away for a moment: what was read before still counts.
            log.warning("authorities not read again", file=str(self._file), cause=str(error))
        return super().wrap_bio(*given, **more)


PLAINTEXT = KafkaSecurity()
"""The embedded broker, or one on a machine of its own."""
