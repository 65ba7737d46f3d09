"""One rebuild as a process of its own: what each service's ``entrypoints.rebuild`` runs."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.command.console import complain, steps
from linkage_runtime.errors import LinkageError
from linkage_runtime.letters.mongo_acts import DATABASE
from linkage_runtime.logs import configure_logs
from linkage_runtime.mongo import connect, database
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.rebuild.alone import alone
from linkage_runtime.rebuild.parts import Rebuilding
from linkage_runtime.rebuild.rebuild import Rebuilt, Wish, rebuild
from linkage_runtime.rebuild.report import show
from linkage_runtime.settings import RuntimeSettings

Settings = TypeVar("Settings", bound=RuntimeSettings)
Describe = Callable[[AsyncIOMotorClient[dict[str, Any]], Settings, KafkaPublisher], Rebuilding]


def run_rebuild(settings: Settings, describe: Describe[Settings]) -> None:
    """Rebuild by the arguments of this process; ends it with 1 if old and fresh differ."""
    wish = _wish()
    configure_logs("rebuild", "error")
    try:
        done = asyncio.run(_run(settings, describe, wish))
    except LinkageError as error:
        complain(error)
        sys.exit(1)
    sys.exit(0 if done.is_equal or done.switched else 1)


def _wish() -> Wish:
    asked = argparse.ArgumentParser()
    asked.add_argument("--by", default="")
    asked.add_argument("--why", default="")
    asked.add_argument("--switch", action="store_true")
    asked.add_argument("--despite-differences", action="store_true")
    return Wish(**vars(asked.parse_args()))


async def _run(settings: Settings, describe: Describe[Settings], wish: Wish) -> Rebuilt:
    client = connect(settings.mongo.get_secret_value())
    publisher = KafkaPublisher(settings.kafka, settings.kafka_access)
    try:
        service = describe(client, settings, publisher)
        rebuilds = database(client, DATABASE)["rebuilds"]
        with steps() as tell:
            making = rebuild(service, wish, kafka=settings.kafka, rebuilds=rebuilds, tell=tell)
            done = await alone(rebuilds, service.service, making)
        show(service, wish, done)
        return done
    finally:
        await publisher.close()
        client.close()
