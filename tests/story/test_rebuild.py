"""Read models made again from the log beside the running ones, while everything goes on."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pymongo
import pytest

from linkage_runtime.books.audit import audit
from linkage_runtime.stack.local import Stack
from tests.story.organisations import OFF_CATALOGUE, TODAY, Organisation, eventually

pytestmark = pytest.mark.story

SERVICES = ("approval-events", "credit", "supervision-push")
WHO = ("--by", "ops-3", "--why", "演练")
Client = pymongo.MongoClient[dict[str, Any]]


@contextmanager
def store(stack: Stack) -> Iterator[Client]:
    client: Client = pymongo.MongoClient(stack.mongo)
    with closing(client):
        yield client


def command(service: str) -> list[str]:
    return [sys.executable, "-m", f"{service.replace('-', '_')}.entrypoints.rebuild"]


def rebuild(stack: Stack, service: str, *options: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | stack.environment
    return subprocess.run(
        [*command(service), *options], env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def load(stack: Stack, bureau: Organisation, regulator: Organisation) -> str:
    """Both loops, a return and a decision that waits in the pool; the id of a decision."""
    bureau.decide("重3", items=[OFF_CATALOGUE])
    decision = str(bureau.decide("重1").json()["decision_id"])
    push = regulator.told("push-opened", decision_id=decision)["push_id"]
    regulator.act("pushes:receive", push_ids=[push])
    regulator.act("pushes:enrol", push_ids=[push])
    inspection = {
        "type": "inspection",
        "push_id": push,
        "found_on": TODAY,
        "summary": "首次检查",
        "outcome": "fails",
        "treatment": "rectify",
    }
    result = regulator.post("supervision-push", "/v1/results", inspection).json()["result_id"]
    bureau.told("result-forwarded", result_id=result)

    def received() -> bool | None:
        body = {"by": "window-3", "result_ids": [result]}
        answer = bureau.post("approval-events", "/v1/results:receive", body).json()
        return bool(answer["done"]) or None

    eventually(received, "the receipt of the result")
    other = regulator.told("push-opened", decision_id=bureau.decide("重2").json()["decision_id"])
    regulator.act("pushes:return", push_ids=[other["push_id"]], reason="不属本单位职责")
    assert audit(stack.kafka, stack.mongo, wait=20).unaccounted == []
    return decision


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_made_again_is_equal_and_takes_the_place_of_the_old(
    stack: Stack, bureau: Organisation, regulator: Organisation, load: str, service: str
) -> None:
    tried = rebuild(stack, service)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert "未切换" in tried.stdout
    done = rebuild(stack, service, *WHO, "--switch")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "已切换" in done.stdout
    assert "处不同" not in done.stdout
    id_ = bureau.decide(f"重建后{service}").json()["decision_id"]
    push = regulator.told("push-opened", decision_id=id_)["push_id"]
    regulator.act("pushes:receive", push_ids=[push])
    eventually(lambda: bureau.linkage(id_).get("pushes"), "the linkage")
    assert bureau.linkage(load)["results"]
    assert audit(stack.kafka, stack.mongo, wait=20).unaccounted == []
    with store(stack) as client:
        noted = client["linkage_operations"]["rebuilds"].find({"service": service})
        assert {(one["by"], one["why"]) for one in noted if "switching" not in one["_id"]} == {
            ("ops-3", "演练")
        }


LOST = {
    "approval-events": ("approval_events", "linkages"),
    "credit": ("credit", "facts"),
    "supervision-push": ("supervision_push", "feed_entries"),
}


@pytest.mark.parametrize("service", SERVICES)
def test_what_was_lost_is_named_and_comes_back(stack: Stack, load: str, service: str) -> None:
    database, name = LOST[service]
    with store(stack) as client:
        lost = client[database][name].find_one_and_delete({})
        assert lost
        told = rebuild(stack, service, *WHO, "--switch")
        assert told.returncode == 1
        assert str(lost["_id"]) in told.stdout
        assert "--despite-differences" in told.stdout
        assert client[database][name].find_one({"_id": lost["_id"]}) is None
        mended = rebuild(stack, service, *WHO, "--switch", "--despite-differences")
        assert mended.returncode == 0, mended.stdout
        assert client[database][name].find_one({"_id": lost["_id"]})
    assert audit(stack.kafka, stack.mongo, wait=20).unaccounted == []


def test_a_rebuild_that_is_killed_changes_nothing_and_the_next_one_works(
    stack: Stack, load: str
) -> None:
    with store(stack) as client:
        own = client["approval_events"]
        before = {one["_id"]: one for one in own["linkages"].find()}
        running = subprocess.Popen(
            [*command("approval-events"), *WHO, "--switch"],
            env=os.environ | stack.environment,
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while not own["rebuild.decisions"].count_documents({}) and time.monotonic() < deadline:
            time.sleep(0.002)
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL
        assert own["rebuild.decisions"].count_documents({})
        assert {one["_id"]: one for one in own["linkages"].find()} == before
        assert rebuild(stack, "approval-events", *WHO, "--switch").returncode == 0
        assert not [one for one in own.list_collection_names() if one.startswith("rebuild.")]


def test_a_switch_that_was_interrupted_is_finished_by_the_next_rebuild(
    stack: Stack, bureau: Organisation, load: str
) -> None:
    with store(stack) as client:
        own, notes = client["approval_events"], client["linkage_operations"]["rebuilds"]
        # As whoever died between the two renames of the first collection left it.
        own["before.decisions"].drop()
        own["rebuild.decisions"].insert_many(list(own["decisions"].find()))
        own["decisions"].rename("before.decisions")
        notes.insert_one(
            {
                "_id": "approval-events/switching",
                "service": "approval-events",
                "by": "ops-3",
                "why": "演练",
                "at": client["linkage_operations"].command("hello")["localTime"],
                "positions": [],
            }
        )
        done = rebuild(stack, "approval-events")
        assert done.returncode == 0, done.stdout
        assert notes.find_one({"_id": "approval-events/switching"}) is None
    assert bureau.linkage(load)["results"]
    assert audit(stack.kafka, stack.mongo, wait=20).unaccounted == []


@pytest.mark.parametrize("service", SERVICES)
def test_whatever_is_decided_while_a_rebuild_reads_is_in_the_next_that_switches(
    stack: Stack, bureau: Organisation, regulator: Organisation, load: str, service: str
) -> None:
    stop = threading.Event()
    decided: list[str] = []

    def go_on_deciding() -> None:
        while not stop.wait(0.1):
            answer = bureau.decide(f"边建边办{service}{len(decided)}")
            assert answer.status_code == 202, answer.text
            decided.append(answer.json()["decision_id"])

    busy = threading.Thread(target=go_on_deciding)
    busy.start()
    try:
        # What is made beside disturbs nobody, whatever it finds.
        rebuild(stack, service)
    finally:
        stop.set()
        busy.join()
    # The switch wants that service's workers at rest: see deploy/BACKUP.md.
    done = rebuild(stack, service, *WHO, "--switch", "--despite-differences")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(decided) > 10
    eventually(lambda: bureau.linkage(decided[-1]).get("pushes"), "the last push")
    assert audit(stack.kafka, stack.mongo, wait=30).unaccounted == []
