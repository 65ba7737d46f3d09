"""Free loopback ports, held so that nobody else is given them."""

import socket
import sys
from types import TracebackType
from typing import Self

LOOPBACK = "127.0.0.1"


class HeldPort:
    """A free port of the loopback interface, bound but not listened on until it is closed.

    On Linux two sockets with ``SO_REUSEADDR`` may share a port while at most one listens, and the
    kernel never gives a port that is bound to whoever asks for a free one. So the port stays ours
    before its child listens, while the child is restarted, and until the stack ends. Elsewhere a
    child could not bind beside us: there ``hand_over`` lets go, just before the child starts.
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((LOOPBACK, 0))
        self.number: int = self._socket.getsockname()[1]

    @property
    def address(self) -> str:
        """Host and port, as Kafka clients write it."""
        return f"{LOOPBACK}:{self.number}"

    @property
    def url(self) -> str:
        """The root of an HTTP server on this port."""
        return f"http://{self.address}"

    def hand_over(self) -> int:
        """The number, for a child that is about to listen on it."""
        if sys.platform != "linux":
            self.close()
        return self.number

    def close(self) -> None:
        """Let go of the port."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def listens(port: int) -> bool:
    """Whether anything accepts connections on this loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
