"""The API of this service: pushes, the pool, feeds, subscriptions, results."""

from linkage_runtime.http.access_log import access_log_of
from linkage_runtime.http.application import build_api, run_api
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import primary_answers
from linkage_runtime.traces import export_traces
from supervision_push.adapters.pushes.push_metrics import ACTS
from supervision_push.bootstrap import declaring, unwire, wire
from supervision_push.bootstrap_api import feed_routers, push_routers
from supervision_push.bootstrap_deadline_routers import deadline_routers
from supervision_push.settings import Settings


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    configure_logs("supervision-push-api", settings.log_level)
    export_traces("supervision-push-api", settings)
    wiring = wire(settings)

    async def close() -> None:
        await unwire(wiring)

    app = build_api(
        title="审管联动 · 监管推送 Supervision push",
        routers=[*push_routers(wiring), *feed_routers(wiring), *deadline_routers(wiring)],
        api_keys=wiring.api_keys,
        close=close,
        access_log=access_log_of("supervision-push-api", settings),
    )
    run_api(app, settings, {"mongo": primary_answers(wiring.client)}, declaring(wiring, ACTS))


if __name__ == "__main__":
    main()
