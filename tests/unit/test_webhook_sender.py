"""Webhooks against a small HTTP server that fails, hangs and answers as it is told."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network

import pytest
from cloudevents.v1.http import from_json
from standardwebhooks import Webhook, WebhookVerificationError

from linkage_runtime.clock import now
from linkage_runtime.master_keys import MasterKeys
from supervision_push.adapters.subscriptions.endpoint_addresses import AllowedAddresses
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.adapters.subscriptions.webhook_sender import WebhookSender
from supervision_push.application.try_subscription import trial_entry
from supervision_push.domain.answer import Accepted, Cause, Failed, Gone, Outcome, Side
from supervision_push.domain.subscription import Subscription
from tests.unit.feed_fakes import a_subscription, an_entry
from tests.unit.webhook_receiver import answer_of, receiving

SECRET = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
SECRETS = SealedSecrets(MasterKeys(b"m" * 32))
# Reading the system's certificates takes longer than all else here, and nothing here speaks TLS.
NO_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
LOOPBACK = AllowedAddresses([ip_network("127.0.0.0/8")])


def subscribed(endpoint: str) -> Subscription:
    subscription = a_subscription(endpoint=endpoint)
    return a_subscription(endpoint=endpoint, sealed_secret=SECRETS.seal(subscription.id, SECRET))


@asynccontextmanager
async def sending(
    allowed: AllowedAddresses = LOOPBACK, total_seconds: float = 5
) -> AsyncIterator[WebhookSender]:
    sender = WebhookSender(allowed, SECRETS, now, tls=NO_TRUST, total_seconds=total_seconds)
    try:
        yield sender
    finally:
        await sender.aclose()


async def outcome_after(*answers: bytes | None, total_seconds: float = 5) -> Outcome:
    async with receiving(*answers) as (_, endpoint), sending(total_seconds=total_seconds) as sender:
        return await sender.send(subscribed(endpoint), [an_entry(0)])


async def test_the_signature_is_verified_by_standard_webhooks_own_library() -> None:
    entries = [an_entry(0), an_entry(1)]
    async with receiving() as (receiver, endpoint), sending() as sender:
        assert await sender.send(subscribed(endpoint), entries) == Accepted()
    (request,) = receiver.requests
    verified = Webhook(SECRET).verify(request.body, request.headers)
    assert verified == [json.loads(entry.body) for entry in entries]
    assert request.path == "/hook?of=us"
    assert request.headers["content-type"] == "application/cloudevents-batch+json"
    assert request.headers["host"] == endpoint.split("/")[2]


async def test_both_secrets_sign_while_they_overlap_and_then_the_new_one_alone() -> None:
    new = "whsec_" + "OTg3NjU0MzIxMDk4NzY1NDMyMTA5ODc2NTQzMjEwOTg="
    ahead = now() + timedelta(hours=1)
    async with receiving() as (receiver, endpoint), sending() as sender:
        old = subscribed(endpoint)
        during = old.rotated(SECRETS.seal(old.id, new), ahead)
        await sender.send(during, [an_entry(0)])
        await sender.send(replace(during, old_secret_until=now()), [an_entry(0)])
    overlapping, after = receiver.requests
    for secret in (SECRET, new):
        Webhook(secret).verify(overlapping.body, overlapping.headers)
    Webhook(new).verify(after.body, after.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(after.body, after.headers)


async def test_a_test_event_is_a_cloudevent_alone_in_a_signed_batch() -> None:
    async with receiving() as (receiver, endpoint), sending() as sender:
        subscription = subscribed(endpoint)
        await sender.send(subscription, [trial_entry(subscription, now())])
    (request,) = receiver.requests
    (event,) = Webhook(SECRET).verify(request.body, request.headers)
    assert from_json(json.dumps(event))["type"] == "linkage.subscription.test.v1"
    assert event["data"]["subscription_id"] == subscription.id


async def test_a_body_that_was_changed_on_the_way_does_not_verify() -> None:
    async with receiving() as (receiver, endpoint), sending() as sender:
        await sender.send(subscribed(endpoint), [an_entry(0)])
    (request,) = receiver.requests
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(request.body.replace(b"id", b"di"), request.headers)


async def test_the_same_batch_again_has_the_same_id_and_uses_the_same_connection() -> None:
    async with receiving(answer_of(500)) as (receiver, endpoint), sending() as sender:
        subscription = subscribed(endpoint)
        await sender.send(subscription, [an_entry(0)])
        await sender.send(subscription, [an_entry(0)])
        await sender.send(subscription, [an_entry(1)])
    first, again, other = (request.headers["webhook-id"] for request in receiver.requests)
    assert first == again != other
    assert receiver.connections == 1


async def test_a_receiver_may_sign_for_pushes_in_its_answer() -> None:
    body = json.dumps({"received": ["a", "b"], "by": "clerk 7"}).encode()
    assert await outcome_after(answer_of(200, body)) == Accepted(received=("a", "b"), by="clerk 7")


@pytest.mark.parametrize("body", [b"ok", b"[]", b'{"received": 3}', b'{"received": [{"x": 1}]}'])
async def test_an_answer_of_another_kind_is_a_delivery_without_receipts(body: bytes) -> None:
    assert await outcome_after(answer_of(200, body)) == Accepted()


async def test_an_endless_answer_is_not_read_to_its_end() -> None:
    assert await outcome_after(answer_of(200, b"x" * 3_000_000)) == Accepted()


@pytest.mark.parametrize("status", [301, 307, 401, 404, 500])
async def test_anything_but_success_is_a_failure_and_no_redirect_is_followed(status: int) -> None:
    moved = answer_of(status, b"", "location: http://127.0.0.1:1/elsewhere")
    assert await outcome_after(moved) == Failed(cause=Cause.STATUS, detail=f"HTTP {status}")


async def test_gone_is_told_apart_from_failure() -> None:
    assert await outcome_after(answer_of(410)) == Gone()


async def test_retry_after_is_read_where_it_means_something() -> None:
    busy = await outcome_after(answer_of(429, b"", "retry-after: 120"))
    assert isinstance(busy, Failed)
    assert busy.retry_after == timedelta(minutes=2)
    broken = await outcome_after(answer_of(500, b"", "retry-after: 120"))
    assert broken == Failed(cause=Cause.STATUS, detail="HTTP 500")


async def test_a_receiver_that_hangs_is_given_up() -> None:
    assert await outcome_after(None, total_seconds=0.2) == Failed(
        cause=Cause.TIMEOUT, detail="no answer in time"
    )


async def test_a_receiver_that_hangs_up_is_a_failed_connection() -> None:
    assert await outcome_after(b"") == Failed(cause=Cause.CONNECTION, detail="RemoteProtocolError")
    garbled = await outcome_after(b"nonsense\r\n\r\n")
    assert garbled == Failed(cause=Cause.CONNECTION, detail="RemoteProtocolError")


async def test_nobody_listening_is_a_failed_connection() -> None:
    async with receiving() as (_, endpoint):
        pass
    async with sending() as sender:
        failed = await sender.send(subscribed(endpoint), [an_entry(0)])
    assert failed == Failed(cause=Cause.CONNECTION, detail="ConnectError")


async def test_an_address_is_checked_again_when_connecting() -> None:
    nowhere = AllowedAddresses([])
    async with receiving() as (receiver, endpoint), sending(nowhere) as sender:
        failed = await sender.send(subscribed(endpoint), [an_entry(0)])
    assert isinstance(failed, Failed)
    assert failed.cause is Cause.FORBIDDEN_ADDRESS
    assert receiver.connections == 0


async def test_a_secret_sealed_under_another_master_key_is_a_failure_that_says_so() -> None:
    elsewhere = WebhookSender(LOOPBACK, SealedSecrets(MasterKeys(b"n" * 32)), now, tls=NO_TRUST)
    async with receiving() as (receiver, endpoint):
        failed = await elsewhere.send(subscribed(endpoint), [an_entry(0)])
    await elsewhere.aclose()
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.cause.side) == (Cause.SECRET, Side.PLATFORM)
    assert receiver.requests == []
