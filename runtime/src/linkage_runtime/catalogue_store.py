"""Versions of the catalogue (``linkage_reference.catalogues``), and reading its files."""

from datetime import datetime
from pathlib import Path

import yaml
from pydantic import ValidationError
from pymongo import DESCENDING

from linkage_contracts.catalogue import Catalogue
from linkage_runtime.clock import now
from linkage_runtime.errors import PermanentError, TransientError
from linkage_runtime.mongo import Collection, insert_new, transient_errors


def read_catalogue(directory: Path) -> Catalogue:
    """Join all ``*.yaml`` of a directory into one catalogue.

    Raises:
        ValidationError: what is written there does not fit together; the error names the line's
        fields.
    """
    joined: dict[str, object] = {}
    for path in sorted(directory.glob("*.yaml")):
        joined |= yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return Catalogue.model_validate(joined)


class NoCatalogueError(TransientError):
    """None was ever loaded; somebody will."""


class NewerCatalogueError(TransientError):
    """It has fields that this program does not know; whoever reads on after an upgrade will.

    To leave them out would route by half a catalogue.
    """


class MongoCatalogues:
    """All versions ever in force; a version never changes, so each is read once."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._versions: dict[str, Catalogue] = {}

    async def put_in_force(self, catalogue: Catalogue) -> datetime:
        """Store a version if it is new, and let it be the one in force from now on."""
        at = now()
        document = {"_id": catalogue.version, "content": catalogue.model_dump(mode="json")}
        await insert_new(self._collection, [document])
        with transient_errors():
            await self._collection.update_one(
                {"_id": catalogue.version}, {"$set": {"in_force_since": at}}
            )
        return at

    async def in_force(self) -> Catalogue:
        """The newest version in force.

        Raises:
            NoCatalogueError: none was ever loaded; whoever needs one waits for it.
        """
        with transient_errors():
            found = await self._collection.find_one(
                {"in_force_since": {"$ne": None}},
                projection={"_id": True},
                sort=[("in_force_since", DESCENDING)],
            )
        if found is None:
            msg = "没有事项目录,请先运行 linkage catalogue load (no catalogue is loaded yet)"
            raise NoCatalogueError(msg)
        return await self.version(found["_id"])

    async def version(self, version: str) -> Catalogue:
        """One version, for routing as it was at the time.

        Raises:
            PermanentError: there is no such version.
            NewerCatalogueError: a newer program wrote it.
        """
        if version not in self._versions:
            with transient_errors():
                found = await self._collection.find_one({"_id": version})
            if found is None:
                msg = f"没有此版本的事项目录 (no catalogue version {version})"
                raise PermanentError(msg)
            self._versions[version] = _read(found["content"])
        return self._versions[version]


def _read(content: object) -> Catalogue:
    try:
        return Catalogue.model_validate(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        msg = f"事项目录由更新的程序写入,请先升级 (a newer program wrote it, upgrade): {where}"
        raise NewerCatalogueError(msg) from error
