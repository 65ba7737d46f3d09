"""How this system proves to a Kafka cluster who it is, and knows that it is that cluster."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import SecretStr

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
        return ssl.create_default_context(cafile=str(self.ca) if self.ca else None)

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


PLAINTEXT = KafkaSecurity()
"""The embedded broker, or one on a machine of its own."""
