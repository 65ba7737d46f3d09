"""What every process shows of itself: bounded, from 0, and true while nothing moves."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from aiokafka.errors import IllegalStateError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fastapi import APIRouter
from faust.exceptions import ConsumerNotStarted
from faust.types import TP
from prometheus_client import REGISTRY
from pydantic import SecretStr
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError
from starlette.applications import Starlette

from linkage_runtime.certificates import first_expiry, show_certificates
from linkage_runtime.errors import TransientError
from linkage_runtime.http.application import build_api
from linkage_runtime.lag import FaustCounts, Lag
from linkage_runtime.metrics import ACT_GAP_SECONDS, GAP_SECONDS, Bounded, observe_act, observe_gap
from linkage_runtime.probes import primary_answers, probe_routes
from linkage_runtime.settings import ProbeSettings
from tests.unit.credit_desk import KeysInMemory
from tests.unit.noted import NotedRequests

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)


def sample(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_a_label_beyond_its_bound_is_told_as_other() -> None:
    label = Bounded(2)
    assert [label(one) for one in ("a", "b", "c", "a", "d")] == ["a", "b", "other", "a", "other"]


def test_milliseconds_and_working_days_are_measured_each_where_it_belongs() -> None:
    observe_gap("test_machine", NOON, NOON + timedelta(milliseconds=20))
    observe_act("test_person", NOON, NOON + timedelta(days=3))
    assert sample("linkage_gap_seconds_bucket", gap="test_machine", le="0.03") == 1
    assert sample("linkage_gap_seconds_bucket", gap="test_machine", le="0.01") == 0
    assert sample("linkage_act_gap_seconds_bucket", gap="test_person", le="345600.0") == 1
    assert sample("linkage_act_gap_seconds_bucket", gap="test_person", le="172800.0") == 0


def test_a_clock_set_back_makes_no_negative_gap() -> None:
    observe_gap("test_back", NOON, NOON - timedelta(seconds=5))
    assert sample("linkage_gap_seconds_sum", gap="test_back") == 0


def test_the_objectives_are_bounds_of_what_they_are_measured_by() -> None:
    assert {5.0, 60.0} <= set(GAP_SECONDS._upper_bounds)
    assert 4 * 86_400 in ACT_GAP_SECONDS._upper_bounds


@dataclass
class Consumer:
    """As faust's, as far as it is asked."""

    ends: dict[TP, int | None]
    _committed_offset: dict[TP, int | None] = field(default_factory=dict)
    started: bool = True

    def assignment(self) -> set[TP]:
        if not self.started:
            raise ConsumerNotStarted
        return set(self.ends)

    def highwater(self, partition: TP) -> int | None:
        end = self.ends[partition]
        if end == -1:
            raise IllegalStateError
        return end


def lag_of(consumer: Consumer, topic: str) -> Lag:
    app: Any = SimpleNamespace(consumer=consumer, rebalancing=False)
    lag = Lag(app)
    lag.declare("test", topic)
    return lag


def shown(what: str, topic: str) -> float | None:
    return sample(f"linkage_{what}", reader="test", topic=topic)


def test_lag_is_what_was_not_acknowledged_yet_of_the_topic_alone() -> None:
    ends: dict[TP, int | None] = {TP("t", 0): 10, TP("t", 1): 5, TP("other", 0): 99}
    consumer = Consumer(ends, {TP("t", 0): 7})
    lag_of(consumer, "t")
    assert (shown("lag_messages", "t"), shown("partitions_assigned", "t")) == (8, 2)
    consumer._committed_offset = {TP("t", 0): 10, TP("t", 1): 5}
    assert shown("lag_messages", "t") == 0


def test_lag_in_seconds_grows_while_a_batch_waits_and_ends_when_it_is_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lag = lag_of(Consumer({}), "waits")
    monkeypatch.setattr("linkage_runtime.lag.time", lambda: 100.0)
    lag.holds("waits", (97.0, 90.0, 99.0))
    assert shown("lag_seconds", "waits") == 10
    monkeypatch.setattr("linkage_runtime.lag.time", lambda: 160.0)
    assert shown("lag_seconds", "waits") == 70
    lag.settled("waits")
    assert shown("lag_seconds", "waits") == 0


async def test_lag_is_known_once_the_end_of_every_partition_was_seen() -> None:
    consumer = Consumer({TP("known", 0): 3, TP("known", 1): None})
    lag = lag_of(consumer, "known")
    assert not await lag.is_known()
    consumer.ends[TP("known", 1)] = 0
    assert await lag.is_known()


async def test_a_partition_being_taken_away_and_a_reader_not_started_break_nothing() -> None:
    consumer = Consumer({TP("gone", 0): -1})
    lag = lag_of(consumer, "gone")
    assert (shown("lag_messages", "gone"), await lag.is_known()) == (0, False)
    assert await lag.is_assigned()
    consumer.started = False
    assert (shown("partitions_assigned", "gone"), await lag.is_assigned()) == (0, False)


def test_what_faust_counts_is_read_at_each_scrape() -> None:
    monitor = SimpleNamespace(
        messages_received_total=1, events_total=2, rebalances=None, assignments_failed=0
    )
    app: Any = SimpleNamespace(monitor=monitor)
    counts = FaustCounts(app)
    monitor.events_total = 5
    values = {one.name: one.samples[0].value for one in counts.collect()}
    assert values["faust_events"] == 5


@pytest.fixture
async def api() -> AsyncIterator[httpx.AsyncClient]:
    router = APIRouter()

    @router.get("/v1/test-things/{thing}")
    async def thing(thing: str) -> str:
        if thing == "bad":
            msg = "broken"
            raise RuntimeError(msg)
        return thing

    @router.get("/v1/test-others")
    async def others() -> None: ...

    async def close() -> None: ...

    keys: Any = KeysInMemory()
    app = build_api(
        title="test", routers=[router], api_keys=keys, close=close, access_log=NotedRequests()
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def requests(status: str, method: str = "GET", route: str = "/v1/test-things/{thing}") -> float:
    labels = {"method": method, "route": route, "status": status}
    return sample("linkage_http_requests_total", **labels) or 0.0


async def test_a_route_that_nobody_asked_yet_stands_at_0(api: httpx.AsyncClient) -> None:
    labels = {"method": "GET", "route": "/v1/test-others", "status": "5xx"}
    assert sample("linkage_http_requests_total", **labels) == 0


async def test_requests_are_counted_by_route_and_never_by_the_path_that_was_sent(
    api: httpx.AsyncClient,
) -> None:
    before = [requests("2xx"), requests("5xx"), requests("4xx", "unmatched", "unmatched")]
    answers = [
        await api.get(f"/v1/test-things/{one}", headers={"content-type": "application/json"})
        for one in ("11450721XN0721012K", "bad")
    ]
    await api.request("BREW", "/v1/11450721XN0721012K")
    assert [one.status_code for one in answers] == [200, 500]
    after = [requests("2xx"), requests("5xx"), requests("4xx", "unmatched", "unmatched")]
    assert after == [one + 1 for one in before]
    names = [one.labels.get("route", "") for family in REGISTRY.collect() for one in family.samples]
    assert not any("1145" in name for name in names)


async def test_ready_means_that_every_check_says_so() -> None:
    async def yes() -> bool:
        return True

    async def away() -> bool:
        msg = "MongoDB is away"
        raise TransientError(msg)

    async def asked(**checks: Any) -> tuple[int, Any]:
        transport = httpx.ASGITransport(app=Starlette(routes=probe_routes(checks)))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.get("/readyz")
        return answer.status_code, answer.json()

    assert await asked(mongo=yes, lag=yes) == (200, {"mongo": True, "lag": True})
    assert await asked(mongo=away, lag=yes) == (503, {"mongo": False, "lag": True})


async def test_a_database_that_is_away_refuses_or_takes_no_writes_is_not_ready() -> None:
    def client(answer: Any) -> Any:
        async def command(_: str) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return {"isWritablePrimary": answer}

        return SimpleNamespace(admin=SimpleNamespace(command=command))

    answers = (True, False, OperationFailure("bad auth", 18), ServerSelectionTimeoutError("away"))
    assert [await primary_answers(client(one))() for one in answers] == [True, False, False, False]


def certificate(until: datetime) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    builder = builder.not_valid_before(until - timedelta(days=9))
    signed = builder.not_valid_after(until).sign(key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


def test_of_several_certificates_the_first_that_expires_is_told(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(certificate(NOON + timedelta(days=300)) + certificate(NOON))
    assert first_expiry(file) == NOON.timestamp()


def test_a_certificate_that_cannot_be_read_has_expired(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(b"no certificate")
    assert first_expiry(tmp_path / "ca.pem") == first_expiry(tmp_path / "absent.pem") == 0


def test_the_certificates_of_kafka_and_of_the_database_are_watched(tmp_path: Path) -> None:
    uri = f"mongodb://u:p@a,b/?tls=true&tlsCAFile={tmp_path}/m.crt&tlsCertificateKeyFile=/c.pem"
    settings = ProbeSettings(mongo=SecretStr(uri), kafka_ca=tmp_path / "k.crt")
    assert settings.certificates == {
        "mongo_ca": tmp_path / "m.crt",
        "mongo_client": Path("/c.pem"),
        "kafka_ca": tmp_path / "k.crt",
    }
    (tmp_path / "m.crt").write_bytes(certificate(NOON))
    show_certificates(settings)
    expiry = "linkage_certificate_expiry_timestamp_seconds"
    assert sample(expiry, certificate="mongo_ca") == NOON.timestamp()
    assert sample(expiry, certificate="kafka_ca") == 0
    assert ProbeSettings(mongo=SecretStr("mongodb://a"), kafka_ca=None).certificates == {}
