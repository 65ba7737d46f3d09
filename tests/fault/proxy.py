"""What stands between the services and their broker and database: toxiproxy, which spoils both.

Built once by Go into a cache outside of the tree. Its own HTTP interface says what is spoilt how;
https://github.com/Shopify/toxiproxy names the toxics and their attributes.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.ports import LOOPBACK, HeldPort, listens
from linkage_runtime.stack.process import Child, Command

_VERSION = "v2.12.0"
_MODULE = f"github.com/Shopify/toxiproxy/v2/cmd/server@{_VERSION}"
_BUILT_WITHIN = 300
_START = timedelta(seconds=20)
BOTH_WAYS = ("upstream", "downstream")


class Toxiproxy:
    """A running one."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def open(self, name: str, *, listen: str, upstream: str) -> None:
        """Let clients of ``listen`` reach ``upstream``."""
        wanted = {"name": name, "listen": listen, "upstream": upstream, "enabled": True}
        self._http.post("/proxies", json=wanted).raise_for_status()

    @contextmanager
    def spoilt(self, name: str, toxic: str, **attributes: int) -> Iterator[None]:
        """Spoil what passes, both ways, while the context lasts."""
        toxics = f"/proxies/{name}/toxics"
        for stream in BOTH_WAYS:
            wanted: dict[str, Any] = {
                "name": f"{toxic}-{stream}",
                "type": toxic,
                "stream": stream,
                "attributes": attributes,
            }
            self._http.post(toxics, json=wanted).raise_for_status()
        try:
            yield
        finally:
            for stream in BOTH_WAYS:
                self._http.delete(f"{toxics}/{toxic}-{stream}").raise_for_status()

    @contextmanager
    def cut(self, name: str) -> Iterator[None]:
        """Close every connection and take none while the context lasts."""
        self._enable(name, on=False)
        try:
            yield
        finally:
            self._enable(name, on=True)

    def _enable(self, name: str, *, on: bool) -> None:
        self._http.post(f"/proxies/{name}", json={"enabled": on}).raise_for_status()

    def close(self) -> None:
        """Hang up."""
        self._http.close()


@contextmanager
def toxiproxy(folder: StackFolder) -> Iterator[Toxiproxy]:
    """Run it while the context lasts."""
    with HeldPort() as port:
        child = Child(
            Command(
                name="toxiproxy",
                argv=(str(_server()), "-host", LOOPBACK, "-port", str(port.hand_over())),
                log=folder.log("toxiproxy"),
                pid_file=folder.pid_file("toxiproxy"),
            )
        )
        proxy = Toxiproxy(port.url)
        try:
            child.start()
            child.await_ready(lambda: listens(port.number), within=_START)
            yield proxy
        finally:
            proxy.close()
            child.stop()


def _server() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "linkage" / f"toxiproxy-{_VERSION}"
    if not (folder / "server").exists():
        assert shutil.which("go"), "toxiproxy is built by Go 1.23 or newer: no go on the path"
        environment = {**os.environ, "GOBIN": str(folder)}
        go = ("go", "install", _MODULE)
        subprocess.run(go, check=True, env=environment, timeout=_BUILT_WITHIN)
    return folder / "server"
