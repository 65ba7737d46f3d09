"""What the credit processes are told by their environment."""

from pathlib import Path

from linkage_runtime.settings import RuntimeSettings


class CreditSettings(RuntimeSettings):
    """``LINKAGE_*`` variables of this service."""

    scorecards: Path = Path("deploy/scorecards")
    """All scorecards, of each domain one published; the lists are in ``lists/`` below."""
