"""One kept connection per subscription: there is never more than one request in flight.

A pool looks at every connection it holds for each request; with thousands of receivers, most of
them idle and some hanging, that is most of what a request costs.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpcore

from supervision_push.adapters.subscriptions.endpoint_addresses import (
    AllowedAddresses,
    PinnedBackend,
)

KEPT_CONNECTIONS: Final = 1_000
KEPT_SECONDS: Final = 60.0


class WebhookConnections:
    """Connections by subscription; the one that was used longest ago is closed first."""

    def __init__(self, allowed: AllowedAddresses, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._kept: dict[str, httpcore.AsyncHTTPConnection] = {}
        self._backends = {
            scheme: PinnedBackend(allowed, httpcore.AnyIOBackend(), encrypted=scheme == b"https")
            for scheme in (b"https", b"http")
        }

    @asynccontextmanager
    async def to(
        self, subscription_id: str, target: httpcore.URL
    ) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """A connection for one request; it is kept if it is sound afterwards."""
        connection = await self._kept_for(subscription_id, target.origin)
        try:
            yield connection
        finally:
            if connection.is_idle():
                await self._keep(subscription_id, connection)
            else:
                await connection.aclose()

    async def aclose(self) -> None:
        """Close all of them."""
        while self._kept:
            _, connection = self._kept.popitem()
            await connection.aclose()

    async def _kept_for(
        self, subscription_id: str, origin: httpcore.Origin
    ) -> httpcore.AsyncHTTPConnection:
        kept = self._kept.pop(subscription_id, None)
        if kept is not None:
            if kept.can_handle_request(origin) and kept.is_idle() and not kept.has_expired():
                return kept
            await kept.aclose()
        return httpcore.AsyncHTTPConnection(
            origin,
            ssl_context=self._tls,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=self._backends[origin.scheme],
        )

    async def _keep(self, subscription_id: str, connection: httpcore.AsyncHTTPConnection) -> None:
        self._kept[subscription_id] = connection
        oldest = next(iter(self._kept))
        if len(self._kept) > KEPT_CONNECTIONS or self._kept[oldest].has_expired():
            await self._kept.pop(oldest).aclose()
