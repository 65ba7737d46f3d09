"""Makes this service's read models again: ``linkage rebuild supervision-push`` runs this."""

from linkage_runtime.rebuild.run import run_rebuild
from supervision_push.bootstrap_rebuild import rebuilding
from supervision_push.settings import Settings


def main() -> None:
    """See ``linkage rebuild --help``."""
    run_rebuild(Settings(), rebuilding)


if __name__ == "__main__":
    main()
