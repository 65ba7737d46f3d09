"""``python -m credit.entrypoints.scorecards``: check a scorecard, try it, write the JSON Schema.

``linkage scorecard`` runs this; it needs no running service, ``try`` only the database.
"""

import argparse
import asyncio
import json
import os
import sys
from datetime import date
from pathlib import Path

from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.scorecard_files import read_scorecard, read_scorecards
from credit.application.try_scorecard import Trial, try_scorecard
from credit.domain.review import warnings_of
from credit.domain.scorecard import Scorecard
from linkage_contracts.codes import RiskClass
from linkage_runtime.clock import day_of, now
from linkage_runtime.errors import LinkageError
from linkage_runtime.mongo import connect, database
from linkage_runtime.yaml_files import YamlFileError


def schema() -> str:
    """The JSON Schema of a scorecard, for editors; generated, never edited."""
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    document |= Scorecard.model_json_schema()
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def check(files: list[Path]) -> bool:
    """Say what is wrong with each file, and what is odd about it; whether all can be used."""
    fine = True
    for path in files:
        try:
            card = read_scorecard(path)
        except YamlFileError as error:
            _say("\n".join(f"✗ {line}" for line in str(error).splitlines()))
            fine = False
            continue
        for warning in warnings_of(card):
            _say(f"! {path}: {warning}")
        _say(f"✓ {path}: {card.version} ({card.state}), {len(card.criteria)} 项指标 criteria")
    return fine


async def _try(path: Path, folder: Path, on: date) -> Trial:
    draft, cards = read_scorecard(path), read_scorecards(folder)
    client = connect(os.environ["LINKAGE_MONGO"])
    try:
        facts = MongoFacts(database(client, "credit")["facts"])
        return await try_scorecard(draft, cards.published.get(draft.domain), on, facts=facts)
    finally:
        client.close()


def _show(trial: Trial) -> None:
    _say(f"{trial.before or '—'} → {trial.after}: {trial.parties} 个主体 parties")
    classes = list(RiskClass)
    _say("\t".join(["现 now \\ 拟 then", *classes]))
    for before in (*classes, None):
        row = [trial.matrix[before, after] for after in classes]
        if any(row):
            _say("\t".join([before or "—", *map(str, row)]))
    for move in trial.moves:
        points = f"{move.points_before} → {move.points_after}"
        _say(f"{move.party} {move.party_name}: {move.before or '—'} → {move.after}, {points}")
    for warning in trial.warnings:
        _say(f"! {warning}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="credit.entrypoints.scorecards")
    commands = parser.add_subparsers(dest="command", required=True)
    checking = commands.add_parser("check")
    checking.add_argument("files", type=Path, nargs="+")
    trying = commands.add_parser("try")
    trying.add_argument("file", type=Path)
    trying.add_argument("--scorecards", type=Path, required=True)
    trying.add_argument("--on", type=date.fromisoformat, default=day_of(now()))
    commands.add_parser("schema")
    return parser.parse_args()


def main() -> int:
    """Do what was asked; 0 if the scorecard can be used, 1 if not."""
    asked = _arguments()
    try:
        if asked.command == "check":
            return 0 if check(asked.files) else 1
        if asked.command == "schema":
            sys.stdout.write(schema())
            return 0
        trial = asyncio.run(_try(asked.file, asked.scorecards, asked.on))
    except LinkageError as error:
        _say(f"✗ {error}")
        return 1
    _show(trial)
    return 1 if trial.is_refused else 0


if __name__ == "__main__":
    sys.exit(main())
