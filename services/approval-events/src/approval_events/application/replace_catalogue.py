"""Replace the catalogue of items (事项目录); old versions stay, because decisions carry theirs."""

from dataclasses import dataclass
from datetime import datetime

from approval_events.application.ports import Catalogues
from linkage_contracts.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """Which version holds, since when."""

    version: str
    since: datetime


async def replace_catalogue(catalogue: Catalogue, *, catalogues: Catalogues) -> InForce:
    """Put a version in force; the same content again is the same version."""
    since = await catalogues.put_in_force(catalogue)
    return InForce(version=catalogue.version, since=since)
