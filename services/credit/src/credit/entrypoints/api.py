"""``python -m credit.entrypoints.api``: ratings, eligibility for commitments, repair."""

from fastapi import FastAPI

from credit.bootstrap import Credit, build_credit
from credit.entrypoints import (
    act_routes,
    case_routes,
    counter_routes,
    draw_routes,
    list_routes,
    rating_routes,
    repair_routes,
)
from credit.settings import CreditSettings
from linkage_runtime.http.access_log import AccessLog, access_log_of
from linkage_runtime.http.application import build_api, run_api
from linkage_runtime.logs import configure_logs
from linkage_runtime.traces import export_traces


def build(credit: Credit, access_log: AccessLog) -> FastAPI:
    """The whole API over a service."""
    app = build_api(
        title="信用 Credit",
        routers=[
            *(rating_routes.router, counter_routes.router),
            *(act_routes.router, repair_routes.router, case_routes.router),
            *(draw_routes.router, list_routes.router),
        ],
        api_keys=credit.api_keys,
        close=credit.close,
        access_log=access_log,
    )
    app.state.credit = credit
    return app


def main() -> None:
    """Serve until told to stop."""
    settings = CreditSettings()
    configure_logs("credit-api", settings.log_level)
    export_traces("credit-api", settings)
    credit = build_credit(settings)
    app = build(credit, access_log_of("credit-api", settings))
    run_api(app, settings, credit.checks)


if __name__ == "__main__":
    main()
