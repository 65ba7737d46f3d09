"""`linkage doctor` on the embedded parts: one thing after another is broken, and it names it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from motor.motor_asyncio import AsyncIOMotorClient
from typer.testing import CliRunner

from linkage_contracts.topics import CREDIT_ACTS, TOPICS
from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.catalogue_store import MongoCatalogues, read_catalogue
from linkage_runtime.clock import now
from linkage_runtime.command.main import app
from linkage_runtime.doctor.indexes import PLANNED, standing_indexes, written
from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.mongo import connect, database
from linkage_runtime.personal_data import PersonalData, PersonalVault
from linkage_runtime.settings import key_bytes
from linkage_runtime.stack.embedded import embedded_kafka, embedded_mongo
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.provision import provision_topics
from linkage_runtime.stack.stores import provision_stores
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets

Client = AsyncIOMotorClient[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """Broker and database of a deployment that stands as provisioning leaves it."""

    kafka: str
    mongo: str
    folder: StackFolder

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        client = connect(self.mongo)
        try:
            yield client
        finally:
            client.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = StackFolder(tmp_path_factory.mktemp("doctor"))
    with embedded_kafka(folder) as kafka, embedded_mongo(folder) as mongo:
        settings = {"LINKAGE_KAFKA": kafka, "LINKAGE_MONGO": mongo}
        provision_stores({**settings, "LINKAGE_MASTER_KEY": folder.master_key()})
        found = Place(kafka, mongo, folder)
        asyncio.run(furnish(found))
        yield found


async def furnish(place: Place) -> None:
    await provision_topics(place.kafka)
    async with place.client() as client:
        catalogues = MongoCatalogues(database(client, "linkage_reference")["catalogues"])
        await catalogues.put_in_force(read_catalogue(deploy_folder() / "catalogue"))
        await issue_admin(client)
        keys = database(client, "linkage_access")["personal_keys"]
        vault = PersonalVault(keys, MasterKeys(key_bytes(place.folder.master_key())))
        await vault.seal([PersonalData(name="欧阳某", id_number="450721199001010011")])


async def issue_admin(client: Client) -> None:
    keys = ApiKeys(database(client, "linkage_access")["api_keys"])
    await keys.issue(organisation="admin", name="系统管理", scopes=[Scope.ADMINISTER])


def doctor(place: Place, *arguments: str) -> tuple[int, dict[str, set[str]]]:
    """Its exit code, and of each state the checks."""
    where = ["--kafka", place.kafka, "--mongo", place.mongo, "--folder", str(place.folder.root)]
    said = CliRunner().invoke(app, ["doctor", "--json", *where, *arguments])
    found = json.loads(said.stdout)["findings"]
    states = {one["state"] for one in found}
    return said.exit_code, {
        state: {f"{one['check']}: {one['en']}" for one in found if one["state"] == state}
        for state in states
    }


def wrong(place: Place, *arguments: str) -> set[str]:
    code, found = doctor(place, *arguments)
    assert code == 2
    return found["wrong"]


@pytest.fixture(autouse=True)
def _calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    this = now().year
    for year in (this, this + 1):
        notice = {"year": year, "holidays": [], "makeup_workdays": []}
        (tmp_path / f"{year}.json").write_text(json.dumps(notice), encoding="utf-8")
    monkeypatch.setenv("LINKAGE_CALENDAR_DIR", str(tmp_path))


def do(place: Place, work: Callable[[Client], Any]) -> None:
    async def run() -> None:
        async with place.client() as client:
            await work(client)

    asyncio.run(run())


def test_the_plan_of_indexes_is_what_provisioning_makes(place: Place) -> None:
    async def look() -> str:
        async with place.client() as client:
            return written(await standing_indexes(client))

    stale = f"run `python -m linkage_runtime.doctor.indexes` and commit {PLANNED.name}"
    assert asyncio.run(look()) == PLANNED.read_text(encoding="utf-8"), stale


def test_a_sound_place_has_nothing_wrong(place: Place) -> None:
    code, found = doctor(place)
    # Nobody said where the processes are, and that is all.
    assert code == 1
    assert set(found) == {"ok", "warning"}
    assert found["warning"] == {"processes: nothing tells where the processes are: not asked"}


def test_a_process_that_is_away_is_wrong(place: Place) -> None:
    said = wrong(place, "--probes", "http://127.0.0.1:1")
    assert said == {"processes: 127.0.0.1:1 does not answer (http://127.0.0.1:1: ConnectError)"}


def test_a_dropped_index_is_named(place: Place) -> None:
    do(place, lambda client: client["credit"]["facts"].drop_index("party"))
    assert wrong(place) == {"indexes: missing: credit.facts (party)"}
    do(place, lambda client: client["credit"]["facts"].create_index("party", name="party"))
    assert doctor(place)[0] == 1


def test_an_index_made_otherwise_is_named(place: Place) -> None:
    do(place, lambda client: client["credit"]["facts"].drop_index("party"))
    do(place, lambda client: client["credit"]["facts"].create_index("on", name="party"))
    assert wrong(place) == {"indexes: other than planned: credit.facts (party)"}
    do(place, lambda client: client["credit"]["facts"].drop_index("party"))
    do(place, lambda client: client["credit"]["facts"].create_index("party", name="party"))


def test_another_master_key_is_found_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    other = StackFolder(place.folder.root / "other").master_key()
    monkeypatch.setenv("LINKAGE_MASTER_KEY", other)
    said = wrong(place)
    assert said == {"personal-keys: the master key does not open the personal keys that are stored"}


def test_a_webhook_secret_of_another_master_key_is_found_out(place: Place) -> None:
    box = SealedSecrets(MasterKeys(bytes(32))).seal("s1", "whsec_x")
    one = {"_id": "s1", "organisation": "o", "created_at": now(), "sealed_secret": box}
    do(place, lambda client: client["supervision_push"]["subscriptions"].insert_one(one))
    assert wrong(place) == {"webhook-secrets: the master key does not open: o (s1)"}
    do(place, lambda client: client["supervision_push"]["subscriptions"].delete_one({"_id": "s1"}))


def test_a_second_administrator_is_warned_of(place: Place) -> None:
    do(place, issue_admin)
    _, found = doctor(place)
    assert any(one.startswith("api-keys: keys with scope admin: ") for one in found["warning"])


def test_no_key_at_all_and_no_catalogue_are_wrong(place: Place) -> None:
    do(place, lambda client: client["linkage_access"]["api_keys"].delete_many({}))
    do(place, lambda client: client["linkage_reference"]["catalogues"].delete_many({}))
    assert wrong(place) == {
        "api-keys: no API key is valid: nobody can call",
        "catalogue: no catalogue is in force",
    }


def test_a_calendar_without_this_year_is_wrong(place: Place, tmp_path: Path) -> None:
    (tmp_path / f"{now().year}.json").unlink()
    assert any("this year's notice is not loaded" in one for one in wrong(place))


def test_other_partitions_and_too_few_copies_are_wrong(place: Place) -> None:
    said = wrong(place, "--partitions", "12", "--replication", "3")
    assert sum("partitions: 8, not 12" in one for one in said) == 1
    assert sum("copies: 1, not 3" in one for one in said) == 1


def test_a_deleted_topic_and_one_that_forgets_are_named_and_none_is_made(place: Place) -> None:
    async def replace_topic() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=place.kafka)
        await admin.start()
        try:
            await admin.delete_topics([CREDIT_ACTS.name, CREDIT_ACTS.dead_letter])
            week = {"cleanup.policy": "delete", "retention.ms": "604800000"}
            await admin.create_topics([NewTopic(CREDIT_ACTS.name, 8, 1, topic_configs=week)])
        finally:
            await admin.close()

    asyncio.run(replace_topic())
    said = wrong(place)
    assert f"topics: {CREDIT_ACTS.dead_letter}: the topic is not there" in said
    assert any(
        one.startswith(f"topics: {CREDIT_ACTS.name}: retention.ms=604800000") for one in said
    )
    assert not any(topic.name in str(said) for topic in TOPICS if topic is not CREDIT_ACTS)
    assert wrong(place) == said, "looking made a topic"


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("LINKAGE_KAFKA_SECURITY", "TLS", "LINKAGE_KAFKA_SECURITY"),
        ("LINKAGE_KAFKA_SECURITY", "SASL_SSL", "LINKAGE_KAFKA_PASSWORD"),
        ("LINKAGE_MASTER_KEY", "short", "LINKAGE_MASTER_KEY"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    setting: str, value: str, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(setting, value)
    said = CliRunner().invoke(app, ["doctor", "--kafka", "127.0.0.1:1", "--mongo", "mongodb://h"])
    assert said.exit_code == 2
    assert "Traceback" not in said.output
    assert named in said.output


def test_without_broker_and_database_it_still_looks_at_the_rest(place: Place) -> None:
    away = Place("127.0.0.1:1", "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=300", place.folder)
    checks = {one.partition(":")[0] for one in wrong(away)}
    assert checks == {"kafka", "mongo"}
