"""Where a webhook may go: never to a private network that the operator did not name."""

import socket
from collections.abc import Iterable
from ipaddress import ip_network
from typing import Any

import httpcore
import pytest

from supervision_push.adapters.subscriptions.endpoint_addresses import (
    AllowedAddresses,
    ForbiddenEndpointError,
    PinnedBackend,
)

NONE = AllowedAddresses([])
INTRANET = AllowedAddresses([ip_network("10.4.0.0/16"), ip_network("fd00:4::/32")])


async def is_allowed(allowed: AllowedAddresses, endpoint: str) -> bool:
    try:
        await allowed.check_endpoint(endpoint)
    except ForbiddenEndpointError:
        return False
    return True


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://127.0.0.1/x",
        "https://xn--a/x",
        "https://ab..cd/x",
        "https://2130706433/x",
        "https://[::1]/x",
        "https://10.4.0.9/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://224.0.0.1/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::7f00:1]/x",
        "https://[64:ff9b:1::7f00:1]/x",
        "https://[2002:7f00:1::]/x",
        "https://[::7f00:1]/x",
        "https://[::ffff:0:7f00:1]/x",
        "https://[fec0::1]/x",
        "https://[fd00:4::1]/x",
        "http://93.184.215.14/x",
        "ftp://93.184.215.14/x",
        "https://user:secret@93.184.215.14/x",
        "https://93.184.215.14/x#part",
        "https:///x",
        "not an address",
        "https://no-such-host.invalid/x",
    ],
)
async def test_without_an_allow_list_only_public_addresses_over_https_are_taken(
    endpoint: str,
) -> None:
    assert not await is_allowed(NONE, endpoint)


@pytest.mark.parametrize(
    "endpoint", ["https://93.184.215.14/hook", "https://[2606:2800:21f:cb07::1]:8443/hook"]
)
async def test_a_public_address_over_https_is_taken(endpoint: str) -> None:
    assert await is_allowed(NONE, endpoint)


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://10.4.7.7:8080/hook", True),
        ("https://10.4.7.7/hook", True),
        ("http://[fd00:4::7]/hook", True),
        ("http://10.5.0.1/hook", False),
        ("https://10.5.0.1/hook", False),
        ("http://[::ffff:10.4.0.1]/hook", True),
    ],
)
async def test_a_network_that_the_operator_named_is_taken_and_no_other(
    endpoint: str, *, expected: bool
) -> None:
    assert await is_allowed(INTRANET, endpoint) is expected


class RecordingBackend(httpcore.AsyncMockBackend):
    """Remembers to which addresses a connection was asked for."""

    def __init__(self, failing: Iterable[str] = ()) -> None:
        super().__init__([b"HTTP/1.1 204 No Content\r\n\r\n"])
        self.failing = set(failing)
        self.asked: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- httpcore's interface
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.asked.append(host)
        if host in self.failing:
            raise httpcore.ConnectError
        return await super().connect_tcp(host, port, timeout, local_address, socket_options)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Let the name service give these addresses, one list a question."""
    left = list(answers)

    def answer(_host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in left.pop(0)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


async def test_a_name_that_later_points_inside_is_refused_when_connecting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, ["93.184.215.14"], ["127.0.0.1"])
    backend = RecordingBackend()
    await NONE.check_endpoint("https://rebinding.example/hook")
    with pytest.raises(ForbiddenEndpointError):
        await PinnedBackend(NONE, backend, encrypted=True).connect_tcp("rebinding.example", 443)
    assert backend.asked == []


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, ["10.0.0.1", "93.184.215.14", "93.184.215.15"])
    backend = RecordingBackend(failing=["93.184.215.14"])
    await PinnedBackend(NONE, backend, encrypted=True).connect_tcp("mixed.example", 443)
    assert backend.asked == ["93.184.215.14", "93.184.215.15"]
