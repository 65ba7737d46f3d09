"""Makes this service's read models again: ``linkage rebuild approval-events`` runs this."""

from approval_events.bootstrap_rebuild import rebuilding
from linkage_runtime.rebuild.run import run_rebuild
from linkage_runtime.settings import RuntimeSettings


def main() -> None:
    """See ``linkage rebuild --help``."""
    run_rebuild(RuntimeSettings(), rebuilding)


if __name__ == "__main__":
    main()
