"""The HTTP API process: ``python -m approval_events.entrypoints.api``."""

from approval_events.adapters.assembly import adapters_for
from approval_events.bootstrap import API, api_for, declaring
from approval_events.domain.rule_book import RuleBook
from approval_events.settings import ApprovalSettings
from linkage_runtime.http.application import run_api
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import primary_answers
from linkage_runtime.traces import export_traces
from linkage_runtime.yaml_files import read_yaml


def main() -> None:
    """Serve until told to stop; not at all by rules that cannot be read."""
    settings = ApprovalSettings()
    configure_logs(API, settings.log_level)
    export_traces(API, settings)
    rules = read_yaml(settings.approval_rules, RuleBook)
    adapters = adapters_for(settings)
    checks = {"mongo": primary_answers(adapters.client)}
    run_api(api_for(adapters, rules, settings), settings, checks, declaring(adapters))


if __name__ == "__main__":
    main()
