"""The stream worker process: ``python -m approval_events.entrypoints.worker``.

It reads decisions, progress, results, actions, acts on credit facts and ratings into this service's
books, and sweeps the outbox.
"""

from functools import partial

from approval_events.adapters.assembly import adapters_for, close
from approval_events.bootstrap_worker import SERVICE, handlers_for, publish_what_was_left
from linkage_runtime.dead_letters import KafkaDeadLetters
from linkage_runtime.logs import configure_logs
from linkage_runtime.probes import primary_answers
from linkage_runtime.settings import RuntimeSettings
from linkage_runtime.stream import accompany, build_stream_app, read_topics, run_worker
from linkage_runtime.traces import export_traces

SWEEP_EVERY_SECONDS = 5.0


def main() -> None:
    """Read until told to stop."""
    settings = RuntimeSettings()
    configure_logs("approval-events.worker", settings.log_level)
    export_traces("approval-events.worker", settings)
    adapters = adapters_for(settings)
    app = build_stream_app(SERVICE, settings)
    lag = read_topics(app, SERVICE, handlers_for(adapters), KafkaDeadLetters(adapters.publisher))
    checks = {"mongo": primary_answers(adapters.client)}
    accompany(app, settings, checks, lag, partial(close, adapters))

    async def sweep() -> None:
        await publish_what_was_left(adapters)

    app.timer(SWEEP_EVERY_SECONDS, name="outbox")(sweep)
    run_worker(app, settings.log_level)


if __name__ == "__main__":
    main()
