"""What every process is told by its environment; read once, by ``bootstrap``."""

import base64
import binascii
import contextlib
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from linkage_runtime.kafka_security import KafkaSecurity, Mechanism, Protocol

_KEY_BYTES = 32


def key_bytes(master_key: str) -> bytes:
    """The bytes of a master key.

    Raises:
        ValueError: it is not 32 bytes in base64.
    """
    with contextlib.suppress(binascii.Error):
        key = base64.b64decode(master_key, validate=True)
        if len(key) == _KEY_BYTES:
            return key
    msg = "LINKAGE_MASTER_KEY 须为 32 字节的 base64 (32 bytes in base64)"
    raise ValueError(msg)


class KafkaSettings(BaseSettings):
    """``LINKAGE_KAFKA_*``: how to speak to a cluster that wants to know who it is."""

    model_config = SettingsConfigDict(env_prefix="LINKAGE_", frozen=True)

    kafka_security: Protocol = "PLAINTEXT"
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca: Path | None = None
    """A PEM file with the authority that signed the brokers' certificates."""

    @model_validator(mode="after")
    def _has_credentials(self) -> Self:
        wanted = self.kafka_security.startswith("SASL")
        if wanted and (self.kafka_username is None or self.kafka_password is None):
            msg = (
                f"{self.kafka_security}: 须设置 LINKAGE_KAFKA_USERNAME 和 LINKAGE_KAFKA_PASSWORD "
                "(set both)"
            )
            raise ValueError(msg)
        return self

    @property
    def kafka_access(self) -> KafkaSecurity:
        """All of it together."""
        return KafkaSecurity(
            protocol=self.kafka_security,
            mechanism=self.kafka_mechanism,
            username=self.kafka_username,
            password=self.kafka_password,
            ca=self.kafka_ca,
        )


class ProbeSettings(KafkaSettings):
    """Where a process serves metrics and health, apart from any API: the operator's business."""

    probes_host: str = "127.0.0.1"
    probes_port: int = 0


class TraceSettings(BaseSettings):
    """Whether traces are made, and of how much.

    What else the exporter needs, headers and certificates, it reads from OpenTelemetry's own
    ``OTEL_EXPORTER_OTLP_*``.
    """

    model_config = SettingsConfigDict(env_prefix="LINKAGE_", frozen=True)

    traces_endpoint: HttpUrl | None = None
    """A collector's OTLP/HTTP address, ``http://collector:4318/v1/traces``; left out, none are."""
    traces_ratio: float = Field(default=0.01, ge=0, le=1)
    """Share of the traces that begin here; those that a caller sampled always go on."""


class AccessLogSettings(BaseSettings):
    """Where an API notes who asked what of it, and how long that is kept."""

    model_config = SettingsConfigDict(env_prefix="LINKAGE_", frozen=True)

    access_log: Path | None = None
    """A folder with a file for each day; left out, lines go to standard output."""
    access_log_days: int = Field(default=184, ge=1)
    """Six months, of which none has more days."""


class RuntimeSettings(ProbeSettings, TraceSettings, AccessLogSettings):
    """``LINKAGE_*`` variables that all services share."""

    kafka: str
    """Bootstrap servers, ``host:port`` separated by commas."""
    mongo: SecretStr
    """Connection URI; it may hold a password."""
    host: str = "127.0.0.1"
    port: int = 0
    """Where this process serves its API, if it has one; 0 is any port."""
    master_key: SecretStr
    """32 bytes in base64: wraps personal keys, keys the hash of id numbers."""
    calendar_dir: Path = Path("deploy/calendar")
    log_level: str = "info"
    commitment_check_months: int = Field(default=2, ge=0)
    """Decision to the check of its commitment, unless it names a day: Shanghai's practice."""
    breach_hearing_working_days: int = Field(default=15, ge=0)
    """Suspicion of a breach (违诺) to its hearing (陈述申辩): an assumption. One side lets the
    clock run, the other shows until when."""
    breach_finding_working_days: int = Field(default=10, ge=0)
    """Hearing to the verdict (认定): an assumption."""

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        key_bytes(value.get_secret_value())
        return value

    @cached_property
    def master(self) -> bytes:
        """The master key's bytes."""
        return key_bytes(self.master_key.get_secret_value())
