"""A Kafka cluster that knows who is who: organisations read what is theirs and nothing else.

The product's own processes prove who they are, and let an organisation in when it subscribes.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
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

from linkage_contracts.topics import FEEDS
from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.kafka_security import KafkaSecurity
from linkage_runtime.mongo import connect, database
from linkage_runtime.stack.apache import apache_kafka
from linkage_runtime.stack.embedded import embedded_mongo
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.provision import provision_topics
from linkage_runtime.stack.services import PROCESSES, prepared_services
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
PASSWORDS = {"linkage": "s3cret", OWN: "market", OTHER: "fire"}
PARTITIONS = 2
SERVICE = "supervision-push"


def security(user: str, password: str | None = None) -> KafkaSecurity:
    secret = SecretStr(password or PASSWORDS[user])
    return KafkaSecurity(protocol="SASL_PLAINTEXT", username=user, password=secret)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> StackFolder:
    return StackFolder(tmp_path_factory.mktemp("secured"))


@pytest.fixture(scope="module")
def secured(folder: StackFolder) -> Iterator[str]:
    with apache_kafka(folder, pom=kafka_pom(), users=PASSWORDS) as address:
        asyncio.run(provision_topics(address, partitions=PARTITIONS, security=security("linkage")))
        yield address


@pytest.fixture(scope="module")
def subscribed(secured: str, folder: StackFolder) -> Iterator[str]:
    """Both organisations subscribed by the API; one entry went to each by the deliverer."""
    with embedded_mongo(folder) as mongo:
        environment = {
            "LINKAGE_KAFKA": secured,
            "LINKAGE_KAFKA_SECURITY": "SASL_PLAINTEXT",
            "LINKAGE_KAFKA_USERNAME": "linkage",
            "LINKAGE_KAFKA_PASSWORD": PASSWORDS["linkage"],
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
            yield secured


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


async def test_nobody_comes_in_with_another_password(secured: str) -> None:
    with pytest.raises(KafkaError):
        async with consumer(secured, feed_topic(OWN), as_=security(OWN, "guessed")):
            pass
