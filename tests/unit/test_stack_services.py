import importlib.util
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import Stack
from linkage_runtime.stack.process import EndedEarlyError
from linkage_runtime.stack.services import (
    PROCESSES,
    ServiceProcess,
    Services,
    prepared_services,
)

ANSWERS = """
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
        self.wfile.write(os.environ["LINKAGE_KAFKA"].encode())

address = (os.environ["LINKAGE_PROBES_HOST"], int(os.environ["LINKAGE_PROBES_PORT"]))
HTTPServer(address, Answer).serve_forever()
"""
PAIR = (
    ServiceProcess(service="toy", role="api", module="toy_answers"),
    ServiceProcess(service="toy", role="worker", module="toy_answers"),
)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    (tmp_path / "toy_answers.py").write_text(ANSWERS)
    environment = {"PYTHONPATH": str(tmp_path), "LINKAGE_KAFKA": "here:1"}
    with prepared_services(StackFolder(tmp_path), environment, processes=PAIR) as prepared:
        yield prepared


def test_every_process_is_a_module_of_its_service_and_the_books_are_of_none() -> None:
    services = {"approval_events", "supervision_push", "credit", "linkage_runtime"}
    assert {process.module.split(".")[0] for process in PROCESSES} == services
    assert len({process.name for process in PROCESSES}) == len(PROCESSES)


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_every_process_can_be_found_by_python(process: ServiceProcess) -> None:
    assert importlib.util.find_spec(process.module) is not None


def test_all_are_ready_after_the_start_and_are_stopped_in_the_end(tmp_path: Path) -> None:
    (tmp_path / "toy_answers.py").write_text(ANSWERS)
    told: list[str] = []
    environment = {"PYTHONPATH": str(tmp_path), "LINKAGE_KAFKA": "here:1"}
    with prepared_services(StackFolder(tmp_path), environment, processes=PAIR) as services:
        services.start(told.append)
        assert all(one.is_ready() for one in services.running.values())
        assert services.ended() == []
    assert told == ["waiting for toy.api", "waiting for toy.worker"]
    assert len(services.ended()) == 2


def test_only_apis_have_urls_but_all_have_metrics(services: Services) -> None:
    assert services.urls == {"toy": services.running["toy.api"].port.url}
    assert set(services.metrics) == {"toy.api", "toy.worker"}


def test_a_process_that_is_killed_comes_back_on_its_port(services: Services) -> None:
    services.start(lambda _step: None)
    killed = services.running["toy.worker"]
    killed.child.kill()
    assert services.ended() == [killed.child]
    killed.start()
    killed.await_ready()
    assert services.ended() == []


def test_one_that_cannot_start_stops_the_others(tmp_path: Path) -> None:
    (tmp_path / "toy_answers.py").write_text(ANSWERS)
    environment = {"PYTHONPATH": str(tmp_path), "LINKAGE_KAFKA": "here:1"}
    broken = ServiceProcess(service="toy", role="broken", module="toy_that_is_not_there")
    with (
        pytest.raises(EndedEarlyError, match="No module named toy_that_is_not_there"),
        prepared_services(
            StackFolder(tmp_path), environment, processes=(PAIR[0], broken)
        ) as services,
    ):
        services.start(lambda _step: None)
    assert services.running["toy.api"].child.exit_code is not None


def test_the_address_book_is_private_and_lacks_the_master_key(tmp_path: Path) -> None:
    stack = Stack(
        folder=tmp_path,
        kafka="127.0.0.1:1",
        mongo="mongodb://127.0.0.1:2",
        master_key="c2VjcmV0",
        urls={"credit": "http://127.0.0.1:3"},
        metrics={"credit.api": "http://127.0.0.1:3/metrics"},
        keys={"钦州市市场监督管理局": "lk_1_x"},
        partitions=12,
    )
    stack.write_address_book()
    path = tmp_path / "stack.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    text = path.read_text(encoding="utf-8")
    assert stack.master_key not in text
    assert json.loads(text) == {
        "kafka": "127.0.0.1:1",
        "mongo": "mongodb://127.0.0.1:2",
        "urls": {"credit": "http://127.0.0.1:3"},
        "metrics": {"credit.api": "http://127.0.0.1:3/metrics"},
        "keys": {"钦州市市场监督管理局": "lk_1_x"},
    }
    assert "lk_1_x" not in repr(stack)
    # Readers of a feed look for it where the writer put it.
    assert stack.environment["LINKAGE_PARTITIONS"] == "12"
