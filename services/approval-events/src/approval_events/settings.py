"""What the API of the approving side is told by its environment."""

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from linkage_runtime.settings import RuntimeSettings


class ApprovalSettings(RuntimeSettings):
    """``LINKAGE_*`` variables of this service."""

    approval_rules: Path = Path("deploy/rules/approvals.yaml")
    """The rules that approvals are measured by; read once, at the start."""
    credit_url: str | None = None
    """Where credit's API is asked at the door; left out, the copy of its ratings is gone by."""
    credit_key: SecretStr | None = None
    """An API key with the scope ``eligibility:ask``."""
    credit_within: timedelta = timedelta(milliseconds=500)
    """How long the door waits for credit; the sender waits as long."""
