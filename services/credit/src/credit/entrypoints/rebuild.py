"""Makes credit's read models again: ``linkage rebuild credit`` runs this."""

from credit.bootstrap_rebuild import rebuilding
from credit.settings import CreditSettings
from linkage_runtime.rebuild.run import run_rebuild


def main() -> None:
    """See ``linkage rebuild --help``."""
    run_rebuild(CreditSettings(), rebuilding)


if __name__ == "__main__":
    main()
