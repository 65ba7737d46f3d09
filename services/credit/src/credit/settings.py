"""What the credit processes are told by their environment."""

from pathlib import Path

from linkage_runtime.settings import RuntimeSettings


class CreditSettings(RuntimeSettings):
    """``LINKAGE_*`` variables of this service."""

    scorecard: Path = Path("deploy/scorecards/general.yaml")
    """The scorecard in force."""
