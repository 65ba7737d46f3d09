"""A catalogue that a newer program wrote is waited for, never read by halves."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from linkage_runtime.catalogue_store import MongoCatalogues, NewerCatalogueError, read_catalogue
from linkage_runtime.errors import TransientError
from linkage_runtime.stack.folder import deploy_folder

if TYPE_CHECKING:
    from linkage_runtime.mongo import Collection

CATALOGUE = read_catalogue(deploy_folder() / "catalogue")


class OneDocument:
    """A collection with one version in it."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._document = {"_id": CATALOGUE.version, "content": content}

    async def find_one(self, *_: object, **__: object) -> dict[str, Any]:
        return self._document


def stored(content: dict[str, Any]) -> MongoCatalogues:
    return MongoCatalogues(cast("Collection", OneDocument(content)))


async def test_a_version_is_read_as_it_was_stored() -> None:
    content = CATALOGUE.model_dump(mode="json")
    assert await stored(content).in_force() == CATALOGUE


async def test_a_field_of_a_newer_program_is_waited_for_and_named() -> None:
    content = CATALOGUE.model_dump(mode="json")
    content["authorities"][0]["sends_drones"] = True
    with pytest.raises(NewerCatalogueError, match=r"authorities\.0\.sends_drones") as refused:
        await stored(content).in_force()
    assert isinstance(refused.value, TransientError)
