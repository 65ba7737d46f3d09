"""A real Prometheus and a real Alertmanager, beside a stack, and somebody who is told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import yaml

from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack
from linkage_runtime.stack.ports import HeldPort, listens
from linkage_runtime.stack.process import Child, Command
from tests.alert_rules import PROMETHEUS
from tests.watch_tools import tool

SCRAPE = "1s"
_START = timedelta(seconds=30)


@dataclass(slots=True)
class Gateway:
    """Takes what Alertmanager sends, as a place's own gateway would."""

    alerts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """The path that was posted to, and each alert of the body."""

    def told(self, path: str, **labels: str) -> list[dict[str, Any]]:
        """What came to a path and has these labels."""
        return [
            alert
            for where, alert in self.alerts
            if where == path and labels.items() <= alert["labels"].items()
        ]

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Listen while the context lasts; gives the address."""
        alerts = self.alerts

        class Post(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                alerts.extend((self.path, alert) for alert in body["alerts"])
                allowed = self.headers["Authorization"] == "Bearer token"
                self.send_response(200 if allowed else 401)
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        with ThreadingHTTPServer(("127.0.0.1", 0), Post) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"127.0.0.1:{server.server_port}"
            server.shutdown()


@dataclass(frozen=True, slots=True)
class Prometheus:
    """Asked as Grafana asks it."""

    url: str

    def ask(self, expr: str) -> list[dict[str, Any]]:
        """The answer now."""
        return self._got("query", {"query": expr})

    def over(self, expr: str, start: float, end: float) -> list[dict[str, Any]]:
        """The answers from start to end, every two seconds."""
        return self._got(
            "query_range", {"query": expr, "start": str(start), "end": str(end), "step": "2"}
        )

    def _got(self, what: str, how: dict[str, str]) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.url}/api/v1/{what}", params=how, timeout=30).json()
        assert answer["status"] == "success", (how, answer)
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result


@contextmanager
def watching(running: RunningStack, gateway: str) -> Iterator[Prometheus]:
    """Both, with the rules and routes that are deployed, only quicker."""
    folder = StackFolder(running.stack.folder)
    home = folder.root / "watching"
    (home / "rules").mkdir(parents=True)
    with HeldPort() as prometheus, HeldPort() as alertmanager:
        routes = _alertmanager(home, gateway)
        targets = _prometheus(home, running, alertmanager.address)
        commands = (
            (
                alertmanager,
                "prometheus-alertmanager",
                f"--config.file={routes}",
                "--cluster.listen-address=",
            ),
            (prometheus, "prometheus", f"--config.file={targets}"),
        )
        children = []
        try:
            for port, name, *arguments in commands:
                child = Child(_command(folder, port, name, home / name, *arguments))
                children.append(child)
                port.hand_over()
                child.start()
                child.await_ready(lambda port=port: listens(port.number), within=_START)  # type: ignore[misc]
            yield Prometheus(prometheus.url)
        finally:
            for child in children:
                child.stop()


def _command(folder: StackFolder, port: HeldPort, name: str, data: Path, *more: str) -> Command:
    place = "--storage.tsdb.path" if name == "prometheus" else "--storage.path"
    listen = f"--web.listen-address={port.address}"
    return Command(
        name=name,
        argv=(tool(name), listen, f"{place}={data}", *more),
        log=folder.log(name),
        pid_file=folder.pid_file(name),
    )


def _prometheus(home: Path, running: RunningStack, alertmanager: str) -> Path:
    for file in (PROMETHEUS / "rules").glob("*.yml"):
        text = file.read_text("utf-8").replace("interval: 30s", f"interval: {SCRAPE}")
        (home / "rules" / file.name).write_text(text.replace("for: 1m", "for: 1s"), "utf-8")
    processes = running.services.running
    config = {
        "global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
        "rule_files": ["rules/*.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [
            {
                "job_name": service,
                "static_configs": [
                    {"targets": [one.probes.address], "labels": {"role": one.process.role}}
                    for one in processes.values()
                    if one.process.service == service
                ],
            }
            for service in sorted({one.process.service for one in processes.values()})
        ],
    }
    path = home / "prometheus.yml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


def _alertmanager(home: Path, gateway: str) -> Path:
    config = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text("utf-8"))
    (home / "token").write_text("token", "ascii")
    for route in (config["route"], *config["route"]["routes"]):
        route["group_wait"] = "0s"
    for receiver in config["receivers"]:
        for webhook in receiver["webhook_configs"]:
            webhook["url"] = webhook["url"].replace("alert-gateway:8080", gateway)
            authorization = {"credentials_file": str(home / "token")}
            webhook["http_config"] = {"authorization": authorization}
    path = home / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path
