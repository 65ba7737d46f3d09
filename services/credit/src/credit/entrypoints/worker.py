"""``python -m credit.entrypoints.worker``: reads the log, keeps facts, rates parties."""

from credit.bootstrap_worker import build_worker
from credit.settings import CreditSettings
from linkage_runtime.logs import configure_logs
from linkage_runtime.stream import run_worker
from linkage_runtime.traces import export_traces


def main() -> None:
    """Run until told to stop."""
    settings = CreditSettings()
    configure_logs("credit-worker", settings.log_level)
    export_traces("credit-worker", settings)
    run_worker(build_worker(settings), settings.log_level)


if __name__ == "__main__":
    main()
