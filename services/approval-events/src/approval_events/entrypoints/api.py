"""The HTTP API process: ``python -m approval_events.entrypoints.api``."""

from approval_events.adapters.assembly import adapters_for
from approval_events.bootstrap import api_for
from linkage_runtime.http.application import run_api
from linkage_runtime.logs import configure_logs
from linkage_runtime.settings import RuntimeSettings


def main() -> None:
    """Serve until told to stop."""
    settings = RuntimeSettings()
    configure_logs("approval-events.api", settings.log_level)
    run_api(api_for(adapters_for(settings)), settings.host, settings.port)


if __name__ == "__main__":
    main()
