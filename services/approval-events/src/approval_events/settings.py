"""What the API of the approving side is told by its environment."""

from pathlib import Path

from linkage_runtime.settings import RuntimeSettings


class ApprovalSettings(RuntimeSettings):
    """``LINKAGE_*`` variables of this service."""

    approval_rules: Path = Path("deploy/rules/approvals.yaml")
    """The rules that approvals are measured by; read once, at the start."""
