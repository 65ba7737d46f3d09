"""The catalogue in force, asked for every few seconds and not for every decision."""

from datetime import datetime
from time import monotonic

from linkage_contracts.catalogue import Catalogue
from linkage_runtime.catalogue_store import MongoCatalogues

CACHE_SECONDS = 5.0
"""How long another process may still check by the version before."""


class CachedCatalogues:
    """What a service asks of the catalogue for each request that it answers."""

    def __init__(self, store: MongoCatalogues) -> None:
        self._store = store
        self._in_force: Catalogue | None = None
        self._until = 0.0

    async def in_force(self) -> Catalogue:
        """The newest version, or one of the last few seconds.

        Raises:
            PermanentError: none was ever loaded.
        """
        if self._in_force is None or monotonic() >= self._until:
            self._in_force = await self._store.in_force()
            self._until = monotonic() + CACHE_SECONDS
        return self._in_force

    async def put_in_force(self, catalogue: Catalogue) -> datetime:
        """Let a version be the one in force, and hold here at once."""
        since = await self._store.put_in_force(catalogue)
        self._in_force = None
        return since
