"""The stream worker: decisions to route, feeds to write, results and actions to forward."""

from functools import partial

import faust

from linkage_runtime.dead_letters import KafkaDeadLetters
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import primary_answers
from linkage_runtime.stream import accompany, build_stream_app, read_topics, run_worker
from linkage_runtime.traces import export_traces
from supervision_push.bootstrap import declaring, push_handlers, unwire, wire
from supervision_push.bootstrap_feeds import feed_handlers
from supervision_push.settings import Settings

READER = "supervision-push"


def main() -> None:
    """Read until told to stop; what is not settled then is read again at the next start."""
    settings = Settings()
    configure_logs("supervision-push-worker", settings.log_level)
    export_traces("supervision-push-worker", settings)
    run_worker(build(settings), settings.log_level)


def build(settings: Settings) -> faust.App:
    """The faust app with all that it reads, and its probes."""
    wiring = wire(settings)
    app = build_stream_app(READER, settings)
    handlers = {**push_handlers(wiring), **feed_handlers(wiring)}
    lag = read_topics(app, READER, handlers, KafkaDeadLetters(wiring.publisher))
    app.task(partial(declaring, wiring, ()))
    checks = {"mongo": primary_answers(wiring.client)}
    accompany(app, settings, checks, lag, partial(unwire, wiring))
    return app


if __name__ == "__main__":
    main()
