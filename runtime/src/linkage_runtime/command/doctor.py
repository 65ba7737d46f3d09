"""`linkage doctor`: examine a deployment from the outside, and say what to mend."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from linkage_runtime.command.connection import Place, address_book
from linkage_runtime.command.console import complain, console
from linkage_runtime.command.options import (
    DEFAULT_FOLDER,
    Folder,
    Kafka,
    Mongo,
    Partitions,
    Replication,
)
from linkage_runtime.doctor.examine import Deployment, examine
from linkage_runtime.doctor.finding import Finding, State
from linkage_runtime.doctor.topics import Wanted
from linkage_runtime.errors import LinkageError
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.settings import KafkaSettings, KeySettings, key_bytes
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.provision import DEFAULT_PARTITIONS

_MARKS: Final = {
    State.OK: ("✓", "green"),
    State.WARNING: ("!", "yellow"),
    State.WRONG: ("✗", "red"),
}

Probes = Annotated[
    list[str] | None,
    typer.Option(
        envvar="LINKAGE_PROBES",
        help="Where a process serves its probes, http://host:9464; repeat for more, or separate "
        "by spaces in the environment.",
    ),
]


class UnusableSettingError(LinkageError):
    """A setting cannot be used."""


class DoctorSettings(KafkaSettings):
    """What the processes are told too, and need not be told here."""

    master_key: SecretStr | None = None
    calendar_dir: Path = Path("deploy/calendar")


def doctor(
    *,
    kafka: Kafka = None,
    mongo: Mongo = None,
    probes: Probes = None,
    partitions: Partitions = DEFAULT_PARTITIONS,
    replication: Replication = 1,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    folder: Folder = DEFAULT_FOLDER,
) -> None:
    """Look at broker, topics, database, indexes, keys, processes, clocks and calendar.

    Changes nothing. Exits 0 if all is well, 1 with warnings, 2 if something is wrong.
    """
    # What a library logs about a broker that is away is told by a finding.
    logging.disable(logging.CRITICAL)
    try:
        wanted = Wanted(partitions=partitions, replication=replication)
        deployment = _deployment(kafka, mongo, probes or [], wanted, folder)
    except LinkageError as error:
        complain(error)
        raise typer.Exit(State.WRONG) from error
    finally:
        logging.disable(logging.NOTSET)
    findings = asyncio.run(examine(deployment))
    worst = max(one.state for one in findings)
    if as_json:
        told = {"state": worst.name.lower(), "findings": [one.as_dict() for one in findings]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        _read_aloud(findings)
    raise typer.Exit(worst)


def _deployment(
    kafka: str | None, mongo: str | None, probes: list[str], wanted: Wanted, folder: Path
) -> Deployment:
    """Where everything is: as given; what is not given, as stack.json has it."""
    try:
        settings = DoctorSettings()
        master = KeySettings().master if settings.master_key else None
        if master is None and (folder / "master.key").exists():
            master = MasterKeys(key_bytes(StackFolder(folder).master_key()))
    except ValidationError as error:
        said = "; ".join(_said(one) for one in error.errors(include_input=False))
        raise UnusableSettingError(said) from error
    except ValueError as error:
        raise UnusableSettingError(str(error)) from error
    named = {url.split("//")[-1]: url.rstrip("/") for url in probes}
    if not named and (kafka is None or mongo is None):
        metrics = address_book(folder).metrics
        named = {name: url.removesuffix("/metrics") for name, url in metrics.items()}
    kafka, mongo = Place(kafka, mongo, folder).found()
    return Deployment(
        kafka=kafka,
        security=settings.kafka_access,
        wanted=wanted,
        mongo=mongo,
        master=master,
        probes=named,
        calendar=settings.calendar_dir,
    )


def _said(mistake: ErrorDetails) -> str:
    # A rule about several settings names them itself.
    setting = "".join(f"LINKAGE_{step}: ".upper() for step in mistake["loc"])
    return setting + mistake["msg"].removeprefix("Value error, ")


def _read_aloud(findings: Sequence[Finding]) -> None:
    for one in findings:
        mark, colour = _MARKS[one.state]
        line = f"{mark} [{one.check}] {one.zh}  {one.en}"
        console.print(line, style=colour, markup=False, soft_wrap=True)
        if one.remedy_zh:
            console.print(f"  → {one.remedy_zh}", markup=False, soft_wrap=True)
            console.print(f"    {one.remedy_en}", markup=False, soft_wrap=True)
    counts = Counter(one.state for one in findings)
    names = {State.OK: "正常 ok", State.WARNING: "警告 warnings", State.WRONG: "错误 wrong"}
    console.print(", ".join(f"{name} {counts[state]}" for state, name in names.items()))
