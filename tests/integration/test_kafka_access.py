"""A Kafka cluster over SASL_SSL that knows who is who: each reads and writes what is its own.

Services have users of their own, with the rights that provisioning gives them; organisations are
let in when they subscribe. Certificates are those of deploy/secrets.sh.
"""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)
from pydantic import SecretStr
from pydantic_core import from_json

from linkage_contracts.generate import ROOT
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import FEEDS, TOPICS
from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.doctor.broker import examine_broker
from linkage_runtime.doctor.finding import State
from linkage_runtime.doctor.topics import Wanted
from linkage_runtime.kafka_security import KafkaSecurity
from linkage_runtime.mongo import connect, database
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.stack.apache import apache_kafka, fetch_libraries
from linkage_runtime.stack.embedded import embedded_mongo
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.provision import provision_topics
from linkage_runtime.stack.rights import SERVICES, grant_rights
from linkage_runtime.stack.services import PROCESSES, Services, prepared_services
from linkage_runtime.stack.stores import provision_stores
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.subscription import feed_topic
from tests.brokers import kafka_pom
from tests.unit.feed_fakes import an_entry

pytestmark = pytest.mark.apache

OWN, OTHER = "11450721XN0721119Y", "11450721XN0721127R"
NAMED = feed_topic(OWN, "数据仓库")
PASSWORDS = {"linkage": "s3cret", OWN: "market", OTHER: "fire"} | dict.fromkeys(SERVICES, "s3rvice")
PARTITIONS = 2
SERVICE = "supervision-push"


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What docker-compose.yml reads, with certificates that hold for loopback too."""
    folder = tmp_path_factory.mktemp("secrets")
    script = [str(deploy_folder() / "secrets.sh"), str(folder)]
    subprocess.run(script, check=True, env={**os.environ, "ALSO": ",IP:127.0.0.1"})
    AUTHORITY.append(folder / "authority.crt")
    return folder


AUTHORITY: list[Path] = []


def security(user: str, password: str | None = None) -> KafkaSecurity:
    secret = SecretStr(password or PASSWORDS[user])
    return KafkaSecurity(protocol="SASL_SSL", username=user, password=secret, ca=AUTHORITY[0])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StackFolder:
    return StackFolder(tmp_path_factory.mktemp("secured"))


@pytest.fixture(scope="module")
def secured(folder: StackFolder, secrets: Path) -> Iterator[str]:
    certificate = secrets / "kafka.pem"
    with apache_kafka(folder, pom=kafka_pom(), users=PASSWORDS, certificate=certificate) as address:
        operator = security("linkage")
        asyncio.run(provision_topics(address, partitions=PARTITIONS, security=operator))
        asyncio.run(grant_rights(address, operator, "User:{service}"))
        yield address


@pytest.fixture(scope="module")
def services(secured: str, folder: StackFolder) -> Iterator[Services]:
    """Both organisations subscribed by the API; one entry went to each by the deliverer."""
    with embedded_mongo(folder) as mongo:
        environment = {
            **as_user(secured, SERVICE),
            "LINKAGE_MONGO": mongo,
            "LINKAGE_MASTER_KEY": "A" * 43 + "=",
            "LINKAGE_CALENDAR_DIR": str(deploy_folder() / "calendar"),
            "LINKAGE_PARTITIONS": str(PARTITIONS),
        }
        provision_stores(environment, modules=("supervision_push.entrypoints.provision",))
        processes = [one for one in PROCESSES if one.service == SERVICE]
        with prepared_services(folder, environment, processes=processes) as services:
            services.start(print)  # the worker is ready once the cluster gave it partitions
            asyncio.run(subscribe_and_tell(mongo, services.urls[SERVICE]))
            yield services


@pytest.fixture(scope="module")
def subscribed(secured: str, services: Services) -> str:
    return secured


def as_user(kafka: str, user: str) -> dict[str, str]:
    """The settings by which a program proves to be this user."""
    return {
        "LINKAGE_KAFKA": kafka,
        "LINKAGE_KAFKA_SECURITY": "SASL_SSL",
        "LINKAGE_KAFKA_USERNAME": user,
        "LINKAGE_KAFKA_PASSWORD": PASSWORDS[user],
        "LINKAGE_KAFKA_CA": str(AUTHORITY[0]),
    }


async def subscribe_and_tell(mongo: str, url: str) -> None:
    client = connect(mongo)
    keys = ApiKeys(database(client, "linkage_access")["api_keys"])
    feed = MongoFeedLog(database(client, "supervision_push"))
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        for offset, organisation in enumerate((OWN, OTHER)):
            key = await keys.issue(organisation=organisation, name="", scopes=[Scope.READ_FEED])
            bearer = {"Authorization": f"Bearer {key}"}
            for name in ("", "数据仓库"):
                wanted = {"channel": "kafka", "name": name}
                made = await http.post("/v1/subscriptions", json=wanted, headers=bearer)
                assert made.status_code == 201, made.text
            partition = partition_of(organisation, PARTITIONS)
            entry = an_entry(offset, recipient=organisation, partition=partition)
            await write_feed([entry], feed=feed)
    client.close()


@asynccontextmanager
async def consumer(
    kafka: str, *topics: str, group: str | None = None, as_: KafkaSecurity | None = None
) -> AsyncIterator[Any]:
    reader = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=kafka,
        group_id=group,
        auto_offset_reset="earliest",
        **(as_ or security(OWN)).client_options(),
    )
    try:
        await reader.start()
        yield reader
    finally:
        await reader.stop()


@pytest.mark.parametrize(
    ("topic", "group"),
    [
        (feed_topic(OWN), feed_topic(OWN)),
        (feed_topic(OWN), f"{feed_topic(OWN)}.warehouse"),
        (NAMED, NAMED),
    ],
)
async def test_an_organisation_reads_its_own_topics_in_its_own_group(
    subscribed: str, topic: str, group: str
) -> None:
    async with asyncio.timeout(30), consumer(subscribed, topic, group=group) as reader:
        record = await reader.getone()
        assert record.value == an_entry(0, recipient=OWN).body
        await reader.commit()


@pytest.mark.parametrize("topic", [feed_topic(OTHER), FEEDS.name, FEEDS.dead_letter])
async def test_every_other_topic_is_refused(subscribed: str, topic: str) -> None:
    group = f"{feed_topic(OWN)}.curious"
    with pytest.raises(TopicAuthorizationFailedError):
        async with asyncio.timeout(30), consumer(subscribed, topic, group=group) as reader:
            await reader.getone()


async def test_every_other_group_is_refused(subscribed: str) -> None:
    for group in ("supervision-push", feed_topic(OTHER), "mine"):
        with pytest.raises(GroupAuthorizationFailedError):
            async with (
                asyncio.timeout(30),
                consumer(subscribed, feed_topic(OWN), group=group) as reader,
            ):
                await reader.getone()


@pytest.mark.parametrize("topic", [feed_topic(OWN), feed_topic(OTHER), FEEDS.name])
async def test_nothing_may_be_written(subscribed: str, topic: str) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=subscribed, enable_idempotence=False, **security(OWN).client_options()
    )
    await producer.start()
    try:
        with pytest.raises(TopicAuthorizationFailedError):
            await asyncio.wait_for(producer.send_and_wait(topic, b"forged"), 30)
    finally:
        await producer.stop()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_writes_its_own_topics_and_dead_letters_and_no_others(
    secured: str, service: str
) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=secured, enable_idempotence=True, **security(service).client_options()
    )
    own = {one.name for one in TOPICS if one.owner == service}
    own |= {one.dead_letter for one in TOPICS if service in one.readers}
    allowed = set()
    await producer.start()
    try:
        for topic in (name for one in TOPICS for name in (one.name, one.dead_letter)):
            with contextlib.suppress(TopicAuthorizationFailedError):
                # Compacted topics want a key.
                await asyncio.wait_for(producer.send_and_wait(topic, b"{}", key=b"k"), 30)
                allowed.add(topic)
    finally:
        await producer.stop()
    assert allowed == own


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_reads_no_topic_that_it_is_not_registered_to_read(
    secured: str, service: str
) -> None:
    other = next(one.name for one in TOPICS if service not in one.readers)
    with pytest.raises(TopicAuthorizationFailedError):
        async with (
            asyncio.timeout(30),
            consumer(secured, other, as_=security(service)) as reader,
        ):
            await reader.getone()


async def test_nobody_comes_in_with_another_password(secured: str) -> None:
    with pytest.raises(KafkaError):
        async with consumer(secured, feed_topic(OWN), as_=security(OWN, "guessed")):
            pass


async def test_the_doctor_looks_at_a_cluster_with_users(secured: str) -> None:
    wanted = Wanted(partitions=PARTITIONS, replication=1)
    found = await examine_broker(secured, security("linkage"), wanted)
    assert {one.state for one in found} == {State.OK}


@pytest.mark.parametrize(
    ("changed", "remedy"),
    [
        ({"password": SecretStr("guessed")}, "LINKAGE_KAFKA_PASSWORD"),
        ({"ca": None}, "LINKAGE_KAFKA_CA"),
        ({"protocol": "PLAINTEXT"}, "LINKAGE_KAFKA_SECURITY=SASL_SSL"),
    ],
)
async def test_the_doctor_says_why_it_does_not_come_in(
    secured: str, changed: dict[str, Any], remedy: str
) -> None:
    wanted = Wanted(partitions=PARTITIONS, replication=1)
    stranger = replace(security("linkage"), **changed)
    (found,) = await examine_broker(secured, stranger, wanted)
    assert found.state is State.WRONG
    assert remedy in found.remedy_en


def set_password(kafka: str, folder: StackFolder, user: str, password: str) -> None:
    """As whoever runs the cluster does, with Kafka's own tool."""
    login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
    settings = folder.root / "admin.properties"
    settings.write_text(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
        f"ssl.truststore.type=PEM\nssl.truststore.location={AUTHORITY[0]}\n"
        f'sasl.jaas.config={login} username="linkage" password="{PASSWORDS["linkage"]}";\n'
    )
    tool = ("java", "-cp", f"{fetch_libraries(kafka_pom())}/*", "kafka.admin.ConfigCommand")
    where = ("--bootstrap-server", kafka, "--command-config", str(settings))
    what = ("--entity-type", "users", "--entity-name", user)
    change = ("--alter", "--add-config", f"SCRAM-SHA-512=[password={password}]")
    subprocess.run((*tool, *where, *what, *change), check=True, capture_output=True, timeout=60)


def roll_over(services: Services, password: str) -> None:
    """One process after the other goes over to the new password."""
    for role in ("worker", "deliverer", "api"):
        one = services.running[f"{SERVICE}.{role}"]
        told = {**one.child.command.environment, "LINKAGE_KAFKA_PASSWORD": password}
        one.child.stop()
        one.child.command = replace(one.child.command, environment=told)
        one.start()
        one.await_ready()


async def tell_until(stop: asyncio.Event, publisher: KafkaPublisher) -> set[str]:
    """Entries for the organisation, twenty in a second; the ids of all that Kafka has."""
    golden = (Path(ROOT) / "examples" / "linkage.feed.push-opened.v1.json").read_bytes()
    told: set[str] = set()
    for number in count():
        entry = FEEDS.read(golden).model_copy(
            update={"id": stable_id("rolled", str(number)), "partitionkey": OWN}
        )
        await publisher.publish(FEEDS, [entry])
        # The first take the places of what was written to the feeds by hand.
        told |= {entry.id} if number > 1 else set()
        if stop.is_set():
            return told
        await asyncio.sleep(0.05)
    raise AssertionError


async def test_a_new_password_is_rolled_out_and_no_entry_is_lost_on_the_way(
    subscribed: str, services: Services, folder: StackFolder
) -> None:
    publisher, stop = KafkaPublisher(subscribed, security("linkage")), asyncio.Event()
    telling = asyncio.create_task(tell_until(stop, publisher))
    try:
        await asyncio.to_thread(set_password, subscribed, folder, SERVICE, "an0ther")
        with pytest.raises(KafkaError):
            async with consumer(subscribed, FEEDS.name, as_=security(SERVICE)):
                pass
        await asyncio.to_thread(roll_over, services, "an0ther")
    finally:
        stop.set()
        left = await telling
        await publisher.close()
    assert len(left) > 20
    async with asyncio.timeout(60), consumer(subscribed, feed_topic(OWN)) as reader:
        while left:
            left.discard(from_json((await reader.getone()).value)["id"])
