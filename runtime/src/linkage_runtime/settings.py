"""What every process is told by its environment; read once, by ``bootstrap``."""

import base64
from functools import cached_property
from pathlib import Path

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_KEY_BYTES = 32


class RuntimeSettings(BaseSettings):
    """``LINKAGE_*`` variables that all processes share."""

    model_config = SettingsConfigDict(env_prefix="LINKAGE_", frozen=True)

    kafka: str
    """Bootstrap servers, ``host:port`` separated by commas."""
    mongo: SecretStr
    """Connection URI; it may hold a password."""
    host: str = "127.0.0.1"
    port: int = 0
    """This process's own HTTP port: its API if it has one, metrics and health always; 0 is any."""
    master_key: SecretStr
    """32 bytes in base64: wraps personal keys, keys the hash of id numbers."""
    calendar_dir: Path = Path("deploy/calendar")
    log_level: str = "info"

    @field_validator("master_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        if len(base64.b64decode(value.get_secret_value(), validate=True)) != _KEY_BYTES:
            msg = "LINKAGE_MASTER_KEY 须为 32 字节的 base64 (32 bytes in base64)"
            raise ValueError(msg)
        return value

    @cached_property
    def master(self) -> bytes:
        """The master key's bytes."""
        return base64.b64decode(self.master_key.get_secret_value())
