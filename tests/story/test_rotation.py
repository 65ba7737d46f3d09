"""Secrets change under a stack that works, step by step as deploy/ROTATION.md has it.

While decisions about natural persons come in without a pause, every process goes over to another
master key, and to another user of a database that asks who somebody is.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest

from linkage_runtime.command.seed import seed
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack, StackPlan, local_stack
from linkage_runtime.stack.services import PROCESSES
from tests.mongo_users import Users, database_with_users
from tests.story.endpoint import Endpoint
from tests.story.organisations import BUREAU, REGULATOR, Organisation, eventually

pytestmark = pytest.mark.story

PERSON = {"kind": "natural_person", "name": "测试人", "id_type": "身份证"}
ID_NUMBERS = ("450721190001010010", "450721190001010029")
"""Persons who are there before and after: each keeps one name."""
COMMAND = "linkage"
"""The user of the command, of the books, and here of all processes at first."""
SEALING = {
    *("approval-events.api", "approval-events.worker"),
    *("supervision-push.api", "supervision-push.worker", "supervision-push.deliverer"),
}
"""What a decision goes through from the bureau to a webhook: who seals, who opens, who signs."""
NEW_KEY = base64.b64encode(bytes(range(32))).decode()


@dataclass
class Traffic:
    """A bureau's program that posts decisions about natural persons, and repeats what failed."""

    bureau: Organisation
    accepted: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Document and id number, by the decision's id."""
    failed: set[str] = field(default_factory=set)
    """Answers that no sender should ever get."""
    stop: Event = field(default_factory=Event)

    def run(self) -> None:
        number = 0
        while not self.stop.is_set():
            self._post(f"换{number}", ID_NUMBERS[number % 2])
            number += 1

    def _post(self, number: str, person: str) -> None:
        while not self.stop.is_set():
            time.sleep(0.8)
            try:
                answer = self.bureau.decide(number, party=PERSON | {"id_number": person})
            except httpx.TransportError:
                continue  # the API of one replica, for the moment of its restart
            if answer.status_code in (200, 202):
                id_ = answer.json()["decision_id"]
                self.accepted[id_] = f"试审批〔2026〕{number}号", person
                return
            if answer.status_code != 503:
                self.failed.add(answer.text)

    def until_more(self) -> None:
        """Whatever runs now has taken some, too."""
        before = len(self.accepted)
        eventually(lambda: len(self.accepted) > before + 4, "more decisions accepted")


@dataclass
class Place:
    """The stack, who watches it, and what is set."""

    running: RunningStack
    users: Users
    traffic: Traffic
    regulator: Organisation
    endpoint: Endpoint

    def roll(self, **settings: str) -> None:
        """Restart each process with these; it is ready before the next one is told to end."""
        for one in self.running.services.running.values():
            command = one.child.command
            one.child.stop()
            one.child.command = replace(command, environment={**command.environment, **settings})
            one.start()
            one.await_ready()
        self.traffic.until_more()

    def command(self, *words: str, **settings: str) -> str:
        program = str(Path(sys.executable).with_name("linkage"))
        folder = ("--folder", str(self.running.stack.folder))
        environment = os.environ | settings
        done = subprocess.run(
            (program, *words, *folder), env=environment, check=False, capture_output=True, text=True
        )
        assert done.stdout, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder, endpoint = StackFolder(tmp_path_factory.mktemp("rotation")), Endpoint()
    with ExitStack() as parts:
        users = parts.enter_context(database_with_users(folder))
        users.make(COMMAND, like=COMMAND)
        sealing = tuple(one for one in PROCESSES if one.name in SEALING)
        plan = StackPlan(folder=folder, mongo=users.uri(COMMAND), processes=sealing)
        running = parts.enter_context(local_stack(plan, seed=seed, tell=print))
        bureau, regulator = (
            parts.enter_context(closing(Organisation(running.stack, one)))
            for one in (BUREAU, REGULATOR)
        )
        address = parts.enter_context(endpoint.listening())
        wanted = {"channel": "webhook", "endpoint": address}
        made = regulator.post("supervision-push", "/v1/subscriptions", wanted)
        endpoint.secrets.append(made.json()["secret"])
        traffic = Traffic(bureau)
        thread = Thread(target=traffic.run)
        thread.start()
        try:
            yield Place(running, users, traffic, regulator, endpoint)
        finally:
            traffic.stop.set()
            thread.join()


@pytest.fixture(scope="module")
def rotated(place: Place) -> Place:
    """After all steps of both changes; nothing of before is set any more."""
    old = place.running.stack.master_key
    place.traffic.until_more()
    naming = place.command("master-key", "naming")
    keys = {"LINKAGE_NAMING_KEY": naming}
    place.roll(**keys, LINKAGE_MASTER_KEY=old, LINKAGE_MASTER_KEYS_BESIDE=NEW_KEY)
    changed = keys | {"LINKAGE_MASTER_KEY": NEW_KEY, "LINKAGE_MASTER_KEYS_BESIDE": old}
    place.roll(**changed)
    assert findings(place, **changed)["warning"] >= {"personal-keys", "webhook-secrets"}
    first, second = (place.command("master-key", "reseal", **changed) for _ in range(2))
    assert "1 of 1 sealed anew" in first
    assert second.count(" 0 of ") == 2

    other = f"{COMMAND}-b"
    place.users.make(other, like=COMMAND)
    ended = keys | {"LINKAGE_MASTER_KEY": NEW_KEY, "LINKAGE_MASTER_KEYS_BESIDE": ""}
    place.roll(**ended, LINKAGE_MONGO=place.users.uri(other))
    place.users.remove(COMMAND)
    place.traffic.until_more()
    place.traffic.stop.set()
    sound = findings(place, **ended, LINKAGE_MONGO=place.users.uri(other))
    assert {"personal-keys", "webhook-secrets"} <= sound["ok"]
    return place


def findings(place: Place, **settings: str) -> dict[str, set[str]]:
    """The doctor's checks by their state."""
    where = () if "LINKAGE_MONGO" not in settings else ("--mongo", settings["LINKAGE_MONGO"])
    found = json.loads(place.command("doctor", "--json", *where, **settings))["findings"]
    return {
        state: {one["check"] for one in found if one["state"] == state}
        for state in ("ok", "warning", "wrong")
    }


def test_nothing_is_lost_while_secrets_change(rotated: Place) -> None:
    assert rotated.traffic.failed == set()
    accepted = {number for number, _ in rotated.traffic.accepted.values()}
    assert len(accepted) > 30
    told = rotated.endpoint.numbers
    eventually(lambda: accepted <= set(told) or None, "all of them at the webhook, signed")
    entries = [
        one["data"]["decision"]["document_number"]
        for one in rotated.regulator.entries()
        if one["type"] == "linkage.feed.push-opened.v1"
    ]
    assert sorted(entries) == sorted(accepted)


def test_personal_data_of_before_and_after_is_still_opened(rotated: Place) -> None:
    bureau, accepted = rotated.traffic.bureau, [*rotated.traffic.accepted.items()]
    for id_, (_, person) in (*accepted[:3], accepted[len(accepted) // 2], *accepted[-3:]):
        path = f"/v1/decisions/{id_}/party:open"
        told = bureau.post("approval-events", path, {"reason": "核对身份"})
        assert told.status_code == 200, told.text
        assert person in told.text


def test_a_natural_person_keeps_one_name(rotated: Place) -> None:
    numbers = dict(rotated.traffic.accepted.values())
    names = {
        (numbers[decision["document_number"]], decision["party"]["key"])
        for one in rotated.regulator.entries()
        if (decision := one["data"].get("decision"))
    }
    assert len(names) == len(ID_NUMBERS)


def test_the_user_that_was_removed_comes_in_no_more(rotated: Place) -> None:
    assert "mongo" in findings(rotated, LINKAGE_MONGO=rotated.users.uri(COMMAND))["wrong"]
