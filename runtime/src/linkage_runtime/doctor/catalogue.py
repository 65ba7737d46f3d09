"""The catalogue: one is in force, and can be read."""

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pydantic import ValidationError

from linkage_contracts.catalogue import Catalogue
from linkage_runtime.catalogue_store import MongoCatalogues, NoCatalogueError
from linkage_runtime.doctor.finding import Finding, ok, wrong
from linkage_runtime.mongo import database

_CATALOGUE = "catalogue"
_LOAD = ("运行 linkage catalogue load", "run `linkage catalogue load`")


async def examine_catalogue(client: AsyncIOMotorClient[dict[str, Any]]) -> list[Finding]:
    """Read the version in force."""
    stored = MongoCatalogues(database(client, "linkage_reference")["catalogues"])
    try:
        return [_judge(await stored.in_force())]
    except NoCatalogueError:
        nothing = ("没有生效的事项目录", "no catalogue is in force")
        return [wrong(_CATALOGUE, nothing, mend=_LOAD)]
    except ValidationError as error:
        about = (
            f"生效的事项目录读不懂: {error.error_count()} 处",
            f"the catalogue in force cannot be read: {error.error_count()} mistakes",
        )
        return [wrong(_CATALOGUE, about, mend=_LOAD)]


def _judge(catalogue: Catalogue) -> Finding:
    items, authorities = len(catalogue.items), len(catalogue.authorities)
    return ok(
        _CATALOGUE,
        (
            f"事项目录 {catalogue.version} 生效: {items} 个事项，{authorities} 个单位",
            f"catalogue {catalogue.version} is in force: {items} items, {authorities} authorities",
        ),
    )
