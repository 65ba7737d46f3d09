"""What every process is told by its environment; read once, by ``bootstrap``."""

import base64
import binascii
import contextlib
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from pydantic import (
    Field,
    HttpUrl,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from linkage_runtime.kafka_security import KafkaSecurity, Mechanism, Protocol
from linkage_runtime.master_keys import MasterKeys

_KEY_BYTES = 32
# An error at the start goes to the logs: it does not quote the secret that is wrong.
_FROM_ENVIRONMENT = SettingsConfigDict(
    env_prefix="LINKAGE_", frozen=True, hide_input_in_errors=True
)


def key_bytes(key: str) -> bytes:
    """The bytes of a key.

    Raises:
        ValueError: it is not 32 bytes in base64.
    """
    with contextlib.suppress(binascii.Error):
        found = base64.b64decode(key, validate=True)
        if len(found) == _KEY_BYTES:
            return found
    msg = "须为 32 字节的 base64 (32 bytes in base64)"
    raise ValueError(msg)


def _all_bytes(keys: SecretStr) -> tuple[bytes, ...]:
    return tuple(key_bytes(key) for key in keys.get_secret_value().split(",") if key)


class KeySettings(BaseSettings):
    """The master key, and what its rotation needs; deploy/ROTATION.md has the order of steps."""

    model_config = _FROM_ENVIRONMENT

    master_key: SecretStr
    """32 bytes in base64: wraps personal keys, seals webhook secrets."""
    master_keys_beside: SecretStr = SecretStr("")
    """Master keys, separated by commas, that open what they sealed and seal nothing."""
    naming_key: SecretStr | None = None
    """32 bytes in base64 that name natural persons: of ``linkage master-key naming``."""

    @field_validator("master_key", "naming_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            key_bytes(value.get_secret_value())
        return value

    @field_validator("master_keys_beside")
    @classmethod
    def _are_keys(cls, value: SecretStr) -> SecretStr:
        _all_bytes(value)
        return value

    @model_validator(mode="after")
    def _keeps_names(self) -> Self:
        if self.master_keys_beside.get_secret_value() and self.naming_key is None:
            msg = (
                "LINKAGE_MASTER_KEYS_BESIDE: 须同时设置 LINKAGE_NAMING_KEY,否则同一自然人会有两个"
                "代号 (set LINKAGE_NAMING_KEY too, or persons get other names: "
                "`linkage master-key naming`, before the master key is changed)"
            )
            raise ValueError(msg)
        return self

    @cached_property
    def master(self) -> MasterKeys:
        """All of it together."""
        return MasterKeys(
            key_bytes(self.master_key.get_secret_value()),
            _all_bytes(self.master_keys_beside),
            key_bytes(self.naming_key.get_secret_value()) if self.naming_key else None,
        )


class KafkaSettings(BaseSettings):
    """``LINKAGE_KAFKA_*``: how to speak to a cluster that wants to know who it is."""

    model_config = _FROM_ENVIRONMENT

    kafka_security: Protocol = "PLAINTEXT"
    kafka_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca: Path | None = None
    """A PEM file with the authority that signed the brokers' certificates."""
    kafka_session: timedelta = timedelta(seconds=15)
    """How long a killed worker's partitions wait for another; faust's own default is a minute."""

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
    mongo: SecretStr
    """Connection URI; it may hold a password."""

    @property
    def certificates(self) -> dict[str, Path]:
        """The files with certificates that this process was given."""
        given = parse_qs(urlsplit(self.mongo.get_secret_value()).query)
        files = {
            "mongo_ca": given.get("tlsCAFile", [None])[-1],
            "mongo_client": given.get("tlsCertificateKeyFile", [None])[-1],
            "kafka_ca": self.kafka_ca,
        }
        return {name: Path(file) for name, file in files.items() if file}


class TraceSettings(BaseSettings):
    """Whether traces are made, and of how much.

    What else the exporter needs, headers and certificates, it reads from OpenTelemetry's own
    ``OTEL_EXPORTER_OTLP_*``.
    """

    model_config = _FROM_ENVIRONMENT

    traces_endpoint: HttpUrl | None = None
    """A collector's OTLP/HTTP address, ``http://collector:4318/v1/traces``; left out, none are."""
    traces_ratio: float = Field(default=0.01, ge=0, le=1)
    """Share of the traces that begin here; those that a caller sampled always go on."""


class AccessLogSettings(BaseSettings):
    """Where an API notes who asked what of it, and how long that is kept."""

    model_config = _FROM_ENVIRONMENT

    access_log: Path | None = None
    """A folder with a file for each day; left out, lines go to standard output."""
    access_log_days: int = Field(default=184, ge=1)
    """Six months, of which none has more days."""


class RuntimeSettings(ProbeSettings, KeySettings, TraceSettings, AccessLogSettings):
    """``LINKAGE_*`` variables that all services share."""

    kafka: str
    """Bootstrap servers, ``host:port`` separated by commas."""
    host: str = "127.0.0.1"
    port: int = 0
    """Where this process serves its API, if it has one; 0 is any port."""
    calendar_dir: Path = Path("deploy/calendar")
    log_level: str = "info"
    commitment_check_months: int = Field(default=2, ge=0)
    """Decision to the check of its commitment, unless it names a day: Shanghai's practice."""
    breach_hearing_working_days: int = Field(default=15, ge=0)
    """Suspicion of a breach (违诺) to its hearing (陈述申辩): an assumption. One side lets the
    clock run, the other shows until when."""
    breach_finding_working_days: int = Field(default=10, ge=0)
    """Hearing to the verdict (认定): an assumption."""
    breach_handling_working_days: int = Field(default=10, ge=0)
    """Verdict to the warning (警示) or the sanction (惩戒): an assumption."""
    repair_decision_working_days: int = Field(default=10, ge=0)
    """Application for credit repair (信用修复) to each authority's decision: an assumption; the
    limits of NDRC Order No. 36 could not be retrieved."""
    objection_answer_working_days: int = Field(default=10, ge=0)
    """Objection (异议) to its answer: an assumption."""
