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
from linkage_runtime.stack.rights import grant_rights
from linkage_runtime.stack.stores import provision_stores


def provision(
    *,
    kafka: Annotated[str, typer.Option(envvar="LINKAGE_KAFKA", help="Bootstrap servers.")],
    mongo: Annotated[str, typer.Option(envvar="LINKAGE_MONGO", help="MongoDB URI.")],
    partitions: Partitions = DEFAULT_PARTITIONS,
    replication: Replication = 1,
    principal: Annotated[
        str,
        typer.Option(
            envvar="LINKAGE_SERVICE_PRINCIPAL",
            help="Who a service is to a cluster with users.",
        ),
    ] = "User:{service}",
) -> None:
    """Create all topics, access rules and indexes; the second time changes nothing."""
    try:
        with steps() as tell:
            tell("topics")
            security = KafkaSettings().kafka_access
            topics = asyncio.run(
                provision_topics(
                    kafka, partitions=partitions, replication=replication, security=security
                )
            )
            tell("access rules")
            asyncio.run(grant_rights(kafka, security, principal))
            tell("indexes")
            provision_stores({**os.environ, "LINKAGE_KAFKA": kafka, "LINKAGE_MONGO": mongo})
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error
    console.print(f"{len(topics.created)} topics created, {len(topics.existing)} stood already")
