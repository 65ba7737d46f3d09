"""To which addresses a webhook may go, checked when subscribing and again whenever we connect.

A name that was harmless when it was checked may point elsewhere later (DNS rebinding), so the
address that was checked is the very one that is connected to.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpcore
import httpx

from linkage_runtime.errors import PermanentError
from supervision_push.settings import Network

Address = IPv4Address | IPv6Address

RESOLVE_SECONDS = 5.0
RESOLVERS = 64
"""Threads. A name server that hangs holds one for each name, and asyncio has six on two cores:
hundreds of dead endpoints would keep the others from being found."""
# Addresses that carry an IPv4 address inside: a gateway may turn them into a private one.
_TRANSLATED = tuple(
    ip_network(one)
    for one in (
        *("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"),
        *("::/96", "::ffff:0:0:0/96"),
    )
)
_SITE_LOCAL = ip_network("fec0::/10")
"""Private before fd00::/8 was, and no longer known as such."""


class ForbiddenEndpointError(PermanentError):
    """Nothing is ever sent to this address."""


class AllowedAddresses:
    """Public addresses over https, and whatever lies in the networks that the operator named."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")

    async def check_endpoint(self, endpoint: str) -> None:
        """Refuse an address that nothing would be sent to.

        Raises:
            ForbiddenEndpointError: malformed, not to be resolved, or not allowed.
        """
        try:
            url = httpx.URL(endpoint)
            host = url.host
        except (httpx.InvalidURL, UnicodeError) as error:  # the latter of a name like xn--a
            raise ForbiddenEndpointError("地址格式不正确 (not a URL)") from error
        if url.scheme not in {"https", "http"} or not host:
            raise ForbiddenEndpointError("须为 https 地址 (an https URL is wanted)")
        if url.userinfo or url.fragment:
            raise ForbiddenEndpointError(
                "地址中不得含用户名、口令或 # 部分 (no user name, password or fragment)"
            )
        port = url.port or _default_port(url.scheme)
        await self.resolve(host, port, encrypted=url.scheme == "https")

    async def resolve(self, host: str, port: int, *, encrypted: bool) -> list[str]:
        """The allowed addresses of a host.

        Raises:
            ForbiddenEndpointError: it has none.
        """
        found = await self._addresses(host, port)
        if not found:
            raise ForbiddenEndpointError("域名无法解析 (the host name has no address)")
        allowed = [str(address) for address in found if self._allows(address, encrypted=encrypted)]
        if not allowed:
            raise ForbiddenEndpointError(
                "不允许的地址:公网地址须用 https;内网、本机地址须在运维允许的网段内 "
                "(public addresses need https, private and loopback ones must lie in "
                "LINKAGE_WEBHOOK_NETWORKS)"
            )
        return allowed

    async def _addresses(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            async with asyncio.timeout(RESOLVE_SECONDS):
                found = await loop.run_in_executor(self._resolvers, look_up)
        except (OSError, UnicodeError, TimeoutError):
            return []
        # A scoped IPv6 address reads fe80::1%eth0.
        texts = dict.fromkeys(str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found)
        return [_plain(ip_address(text)) for text in texts]

    def _allows(self, address: Address, *, encrypted: bool) -> bool:
        if any(address in network for network in self._networks):
            return True
        return encrypted and _is_public(address)


class PinnedBackend(httpcore.AsyncNetworkBackend):
    """Connects to an address that was just checked; names stay for TLS and the Host header."""

    def __init__(
        self, allowed: AllowedAddresses, inner: httpcore.AsyncNetworkBackend, *, encrypted: bool
    ) -> None:
        self._allowed = allowed
        self._inner = inner
        self._encrypted = encrypted

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address that answers."""
        trouble: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in await self._allowed.resolve(host, port, encrypted=self._encrypted):
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble or httpcore.ConnectError("no address")

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)


def _plain(address: Address) -> Address:
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if isinstance(mapped, IPv4Address) else address


def _is_public(address: Address) -> bool:
    never = any(address in network for network in (*_TRANSLATED, _SITE_LOCAL))
    return address.is_global and not address.is_multicast and not never


def _default_port(scheme: str) -> int:
    return 443 if scheme == "https" else 80
