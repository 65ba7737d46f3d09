"""The API as a real process, spoken to by off-the-shelf clients."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from signal import SIGTERM

import httpx
import pytest
from httpx_sse import ServerSentEvent, connect_sse
from openpyxl import load_workbook

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.ids import stable_id
from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.catalogue_store import MongoCatalogues, read_catalogue
from linkage_runtime.mongo import Database, connect, database
from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.services import RunningProcess, ServiceProcess, prepared_services
from linkage_runtime.stack.stores import provision_stores
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog
from supervision_push.application.write_feed import write_feed
from supervision_push.domain.entry import StoredEntry
from tests.unit.push_sheets import rows_in

API = ServiceProcess(
    service="supervision-push", role="api", module="supervision_push.entrypoints.api"
)
ORGANISATION = "11450721XN0721119Y"
EVENTS = f"/v1/feeds/{ORGANISATION}/events"
PARTITION = partition_of(ORGANISATION, 8)


@pytest.fixture(scope="module")
def environment(mongo: str) -> dict[str, str]:
    settings = {
        # Nothing here is published: no broker is ever connected to.
        "LINKAGE_KAFKA": "127.0.0.1:1",
        "LINKAGE_MONGO": mongo,
        "LINKAGE_MASTER_KEY": "A" * 43 + "=",
        "LINKAGE_CALENDAR_DIR": str(deploy_folder() / "calendar"),
    }
    provision_stores(settings, modules=("supervision_push.entrypoints.provision",))
    return settings


@pytest.fixture
def api(stack_folder: StackFolder, environment: dict[str, str]) -> Iterator[RunningProcess]:
    with prepared_services(stack_folder, environment, processes=(API,)) as services:
        services.start(print)
        yield services.running[API.name]


@pytest.fixture
async def stored(mongo: str) -> AsyncIterator[Database]:
    client = connect(mongo)
    yield database(client, "supervision_push")
    client.close()


@pytest.fixture
async def http(stored: Database, api: RunningProcess) -> AsyncIterator[httpx.Client]:
    keys = ApiKeys(database(stored.client, "linkage_access")["api_keys"])
    scopes = [Scope.READ_FEED, Scope.ACT_ON_PUSHES]
    key = await keys.issue(organisation=ORGANISATION, name="stream", scopes=scopes)
    authorization = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=api.port.url, headers=authorization, trust_env=False) as client:
        yield client


def an_entry(offset: int) -> StoredEntry:
    return StoredEntry(
        id=stable_id("streamed", str(offset)),
        recipient=ORGANISATION,
        partition=PARTITION,
        offset=offset,
        party=None,
        type="linkage.feed.push-opened.v1",
        body='{"offset":%d,"名称":"食品经营许可"}'.encode() % offset,
    )


def take(
    http: httpx.Client, count: int, after: str | None = None, events: str = EVENTS
) -> list[ServerSentEvent]:
    taken = []
    headers = {"Last-Event-ID": after} if after else {}
    with connect_sse(http, "GET", events, headers=headers) as source:
        for event in source.iter_sse():
            if event.id:
                taken.append(event)
            if len(taken) == count:
                break
    return taken


async def test_a_client_that_comes_back_goes_on_where_it_was_and_confirms(
    http: httpx.Client, stored: Database
) -> None:
    await write_feed([an_entry(offset) for offset in range(5)], feed=MongoFeedLog(stored))
    first = take(http, 3)
    own = {"_id": {"$regex": f"^{ORGANISATION}/"}}
    assert await stored["pull_positions"].count_documents(own) == 0
    rest = take(http, 2, after=first[-1].id)
    assert [event.json()["offset"] for event in first + rest] == [0, 1, 2, 3, 4]
    assert rest[0].json()["名称"] == "食品经营许可"
    confirmed = await stored["pull_positions"].find_one(own)
    assert confirmed is not None
    assert confirmed["offset"] == 2


def subscribed(http: httpx.Client, channel: str) -> str:
    chosen = {"types": ["linkage.feed.push-opened.v1"]}
    wanted = {"channel": channel, "name": "市级", "filter": chosen, "start": "now"}
    return http.post("/v1/subscriptions", json=wanted).headers["Location"]


def pulled(http: httpx.Client, address: str, **asked: str) -> tuple[list[int], str]:
    page = http.get(f"{address}/entries", params=asked)
    return [one["offset"] for one in page.json()], page.headers["Linkage-Cursor"]


async def test_a_name_keeps_the_place_of_a_reader_that_keeps_none(
    http: httpx.Client, stored: Database
) -> None:
    pull, stream = (subscribed(http, channel) for channel in ("pull", "sse"))
    kinds = enumerate(["push-recalled", "push-opened", "push-opened"], start=100)
    told = [replace(an_entry(at), type=f"linkage.feed.{kind}.v1") for at, kind in kinds]
    await write_feed(told, feed=MongoFeedLog(stored))
    first, cursor = pulled(http, pull, limit="1")
    assert first == [101]
    assert pulled(http, pull, after=cursor)[0] == [102]
    assert pulled(http, pull)[0] == [102]
    events = take(http, 2, events=f"{stream}/events")
    assert [one.json()["offset"] for one in events] == [101, 102]


def test_open_streams_end_in_good_order_when_the_process_is_told_to_stop(
    http: httpx.Client, api: RunningProcess
) -> None:
    with ExitStack() as streams:
        opened = [
            streams.enter_context(connect_sse(http, "GET", EVENTS)).iter_sse() for _ in range(3)
        ]
        for events in opened:
            next(events)
        begun = time.monotonic()
        api.child.signal(SIGTERM)
        for events in opened:
            list(events)  # to the end: a stream cut short would raise
    # uvicorn ends by the signal that it was sent, once the streams are closed.
    assert api.child.await_end(within=timedelta(seconds=5)) == -SIGTERM
    assert time.monotonic() - begun < 5


@pytest.fixture
async def catalogue(stored: Database) -> Catalogue:
    sample = read_catalogue(deploy_folder() / "catalogue")
    reference = database(stored.client, "linkage_reference")["catalogues"]
    await MongoCatalogues(reference).put_in_force(sample)
    return sample


def test_the_to_do_sheet_is_a_route_of_its_own_and_no_pushs_id(
    http: httpx.Client, catalogue: Catalogue
) -> None:
    download = http.get("/v1/pushes.xlsx")
    assert rows_in(download.content) == []
    about = load_workbook(BytesIO(download.content))["填写说明"]["B1"].value
    assert str(about).startswith(catalogue.authority_by_id[ORGANISATION].name)
    upload = http.post("/v1/pushes:upload", content=download.content)
    assert upload.json() == {
        "counts": {"done": 0, "known": 0, "wrong": 0, "empty": 0},
        "rows": [],
    }
