"""The catalogue in force, asked for every few seconds and not for every decision."""

from datetime import datetime
from time import monotonic

from linkage_contracts.catalogue import Catalogue
from linkage_runtime.catalogue_store import MongoCatalogues

CACHE_SECONDS = 5.0
"""How long another process may still check by the version before."""


class CachedCatalogues:
    """See ``Catalogues``."""

    def __init__(self, store: MongoCatalogues) -> None:
        self._store = store
        self._in_force: Catalogue | None = None
        self._until = 0.0

    async def in_force(self) -> Catalogue:
        """See ``Catalogues``."""
        if self._in_force is None or monotonic() >= self._until:
            self._in_force = await self._store.in_force()
            self._until = monotonic() + CACHE_SECONDS
        return self._in_force

    async def put_in_force(self, catalogue: Catalogue) -> datetime:
        """See ``Catalogues``; here it holds at once."""
        since = await self._store.put_in_force(catalogue)
        self._in_force = None
        return since
