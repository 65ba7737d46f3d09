"""Options that several subcommands share."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path, typer.Option(help="Where data, logs, keys and stack.json are kept.", file_okay=False)
]
DEFAULT_FOLDER = Path(".linkage")

Partitions = Annotated[
    int,
    typer.Option(
        min=1,
        envvar="LINKAGE_PARTITIONS",
        help="Partitions of every topic; cannot be changed later.",
    ),
]
Replication = Annotated[
    int, typer.Option(min=1, envvar="LINKAGE_REPLICATION", help="Copies of every topic.")
]

Url = Annotated[str | None, typer.Option(envvar="LINKAGE_URL", help="The API's address.")]
Key = Annotated[str | None, typer.Option(envvar="LINKAGE_KEY", help="The API key.")]

Kafka = Annotated[str | None, typer.Option(envvar="LINKAGE_KAFKA", help="Bootstrap servers.")]
Mongo = Annotated[str | None, typer.Option(envvar="LINKAGE_MONGO", help="MongoDB URI.")]

By = Annotated[str, typer.Option(help="Who acts: an account or staff number.")]
Why = Annotated[str, typer.Option(help="The reason, for the record.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without this it is only told.")]
