"""Indexes: those that every service's provisioning makes stand on the database as they must.

``indexes.json`` is what provisioning made of an empty database. ``python -m
linkage_runtime.doctor.indexes`` makes it anew; a test compares.
"""

import asyncio
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.doctor.finding import Finding, ok, wrong
from linkage_runtime.mongo import connect
from linkage_runtime.stack.embedded import embedded_mongo
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.stores import provision_stores

Indexes = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By collection (``credit.facts``) and name, with its key and whatever else makes a difference."""

PLANNED = Path(__file__).with_name("indexes.json")
_DATABASES = ("approval_events", "supervision_push", "credit")
_MATTERS = ("key", "unique", "sparse", "partialFilterExpression", "expireAfterSeconds")
_INDEXES = "indexes"


def planned_indexes() -> Indexes:
    """What provisioning makes."""
    planned: Indexes = json.loads(PLANNED.read_text(encoding="utf-8"))
    return planned


async def examine_indexes(client: AsyncIOMotorClient[dict[str, Any]]) -> list[Finding]:
    """Compare plan and database."""
    return judge_indexes(planned_indexes(), await standing_indexes(client))


async def standing_indexes(client: AsyncIOMotorClient[dict[str, Any]]) -> Indexes:
    """All indexes of the services' databases, but those on ``_id``."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name in _DATABASES:
        for collection in sorted(await client[name].list_collection_names()):
            made = await client[name][collection].index_information()
            own = {index: _told(made[index]) for index in sorted(made) if index != "_id_"}
            if own:
                found[f"{name}.{collection}"] = own
    return found


def _told(index: Mapping[str, Any]) -> dict[str, Any]:
    told = {option: index[option] for option in _MATTERS if index.get(option) not in (None, False)}
    return {**told, "key": [[field, int(way)] for field, way in index["key"]]}


def judge_indexes(planned: Indexes, standing: Indexes) -> list[Finding]:
    """One finding for what is missing, one for what stands otherwise."""
    missing, others = defaultdict(list), defaultdict(list)
    for collection, name, index in _each(planned):
        made = standing.get(collection, {}).get(name)
        if made is None:
            missing[collection].append(name)
        elif made != index:
            others[collection].append(name)
    if not missing and not others:
        count = len(list(_each(planned)))
        return [ok(_INDEXES, (f"{count} 个索引齐全", f"{count} indexes are there"))]
    return [*_missing(missing), *_otherwise(others)]


def _each(indexes: Indexes) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for collection, own in indexes.items():
        for name, index in own.items():
            yield collection, name, index


def _missing(missing: Mapping[str, list[str]]) -> Iterator[Finding]:
    if missing:
        names = _named(missing)
        yield wrong(
            _INDEXES,
            (f"缺少索引 {names}", f"missing: {names}"),
            mend=("运行 linkage provision", "run `linkage provision`"),
        )


def _otherwise(others: Mapping[str, list[str]]) -> Iterator[Finding]:
    if others:
        names = _named(others)
        yield wrong(
            _INDEXES,
            (f"索引与登记不同 {names}", f"other than planned: {names}"),
            mend=("删除后运行 linkage provision", "drop them, then run `linkage provision`"),
        )


def _named(indexes: Mapping[str, list[str]]) -> str:
    return ", ".join(f"{collection} ({', '.join(names)})" for collection, names in indexes.items())


def written(indexes: Indexes) -> str:
    """As JSON, one line for each index."""
    collections = []
    for collection, own in indexes.items():
        lines = [f"  {json.dumps(name)}: {json.dumps(index)}" for name, index in own.items()]
        collections.append(f" {json.dumps(collection)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(collections) + "\n}\n"


async def _read(mongo: str) -> Indexes:
    client = connect(mongo)
    try:
        return await standing_indexes(client)
    finally:
        client.close()


def main() -> None:
    """Provision an empty database and write down what was made."""
    with TemporaryDirectory() as root:
        folder = StackFolder(Path(root))
        with embedded_mongo(folder) as mongo:
            settings = {"LINKAGE_KAFKA": "none:1", "LINKAGE_MONGO": mongo}
            provision_stores({**settings, "LINKAGE_MASTER_KEY": folder.master_key()})
            made = asyncio.run(_read(mongo))
    PLANNED.write_text(written(made), encoding="utf-8")
    sys.stdout.write(f"{len(list(_each(made)))} indexes\n")


if __name__ == "__main__":
    main()
