"""`linkage provision`: create topics and indexes on a broker and a database that run already."""

import asyncio
import os
from typing import Annotated

import typer

from linkage_runtime.command.console import complain, console, steps
from linkage_runtime.command.options import Partitions, Replication
from linkage_runtime.errors import LinkageError
from linkage_runtime.settings import KafkaSettings
from linkage_runtime.stack.provision import DEFAULT_PARTITIONS, provision_topics
from linkage_runtime.stack.stores import provision_stores


def provision(
    *,
    kafka: Annotated[str, typer.Option(envvar="LINKAGE_KAFKA", help="Bootstrap servers.")],
    mongo: Annotated[str, typer.Option(envvar="LINKAGE_MONGO", help="MongoDB URI.")],
    partitions: Partitions = DEFAULT_PARTITIONS,
    replication: Replication = 1,
) -> None:
    """Create all topics and indexes; done twice, the second time changes nothing."""
    try:
        with steps() as tell:
            tell("topics")
            topics = asyncio.run(
                provision_topics(
                    kafka,
                    partitions=partitions,
                    replication=replication,
                    security=KafkaSettings().kafka_access,
                )
            )
            tell("indexes")
            provision_stores({**os.environ, "LINKAGE_KAFKA": kafka, "LINKAGE_MONGO": mongo})
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    console.print(f"{len(topics.created)} topics created, {len(topics.existing)} stood already")
