"""The stream worker: decisions to route, feeds to write, results and actions to forward."""

import tempfile

import faust

from linkage_runtime.dead_letters import KafkaDeadLetters
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import serve_probes
from linkage_runtime.stream import build_stream_app, is_assigned, read_topics, run_worker
from supervision_push.bootstrap import mongo_answers, push_handlers, unwire, wire
from supervision_push.bootstrap_feeds import feed_handlers
from supervision_push.settings import Settings

READER = "supervision-push"


def main() -> None:
    """Read until told to stop; what is not settled then is read again at the next start."""
    settings = Settings()
    configure_logs("supervision-push-worker", settings.log_level)
    # faust wants a folder, though nothing is kept in it: there are no tables.
    with tempfile.TemporaryDirectory(prefix="supervision-push-") as folder:
        run_worker(build(settings, folder), settings.log_level)


def build(settings: Settings, folder: str) -> faust.App:
    """The faust app with all that it reads, and its probes."""
    wiring = wire(settings)
    app = build_stream_app(READER, settings.kafka, folder)
    handlers = {**push_handlers(wiring), **feed_handlers(wiring)}
    read_topics(app, READER, handlers, KafkaDeadLetters(wiring.publisher))
    checks = {"mongo": mongo_answers(wiring), "assigned": is_assigned(app)}

    async def probes() -> None:
        await serve_probes(settings.host, settings.port, checks)

    @app.on_before_shutdown.connect
    async def close(*_: object, **__: object) -> None:
        await unwire(wiring)

    app.task(probes)
    return app


if __name__ == "__main__":
    main()
