"""One trace from a decision to its receipt: every hop carries the context on, unchanged."""

from dataclasses import replace

import pytest

from linkage_contracts.feeds import PushOpenedEntry
from linkage_contracts.topics import FEEDS
from linkage_runtime.settlement import Record
from supervision_push.adapters.feeds.feed_documents import entry_document, entry_in
from supervision_push.adapters.feeds.feed_outlines import stored_entry
from supervision_push.adapters.feeds.http_feeds import trace_reading
from supervision_push.adapters.pushes.push_documents import push_document, push_in
from supervision_push.application.read_feed import FeedPage
from supervision_push.domain.cursor import Cursor
from tests.unit.feed_fakes import an_entry
from tests.unit.push_builders import MARKET, a_catalogue, a_decision
from tests.unit.push_stage import MemoryStage, memory_stage
from tests.unit.test_webhook_sender import sending, subscribed
from tests.unit.traced import SAMPLED, TRACE, UNSAMPLED, traced
from tests.unit.webhook_receiver import receiving


@pytest.fixture
async def stage() -> MemoryStage:
    stage = memory_stage()
    decision = a_decision(a_catalogue()).model_copy(update={"traceparent": SAMPLED})
    await stage.route(decision)
    return stage


def opened(stage: MemoryStage) -> PushOpenedEntry:
    return next(
        one
        for one in stage.publisher.on(FEEDS)
        if isinstance(one, PushOpenedEntry) and one.partitionkey == MARKET
    )


async def test_all_that_is_told_of_a_push_goes_on_with_the_decisions_trace(
    stage: MemoryStage,
) -> None:
    push_id = opened(stage).data.push_id
    await stage.deliver(MARKET, push_id)
    await stage.receive(MARKET, push_id)
    told = [event for _, event in stage.publisher.published]
    assert {event.type for event in told} >= {
        "linkage.push.opened.v1",
        "linkage.feed.push-opened.v1",
        "linkage.push.delivered.v1",
        "linkage.push.received.v1",
    }
    assert {event.traceparent for event in told} == {SAMPLED}


async def test_a_push_and_its_entry_keep_the_trace_where_they_are_stored(
    stage: MemoryStage,
) -> None:
    entry = opened(stage)
    (push,) = (await stage.books.pushes.find([entry.data.push_id])).values()
    assert push.traceparent == SAMPLED
    assert push_in(push_document(push, b"")) == push
    stored = stored_entry(entry, Record(0, 0, None, entry.to_bytes()))
    assert stored.push
    assert stored.push.traceparent == SAMPLED
    assert entry_in(entry_document(stored)) == stored
    untraced = replace(push, traceparent=None)
    assert "traceparent" not in push_document(untraced, b"")


async def test_a_webhook_carries_the_trace_of_its_first_sampled_entry_and_tells_all(
    stage: MemoryStage,
) -> None:
    body = opened(stage).to_bytes()
    other = body.replace(TRACE.encode(), b"1" * 32)
    plain = body.replace(SAMPLED.encode(), UNSAMPLED.encode())
    entries = [an_entry(0, body=plain), an_entry(1, body=body), an_entry(2, body=other)]
    with traced() as kept:
        async with receiving() as (receiver, endpoint), sending() as sender:
            await sender.send(subscribed(endpoint), entries)
            await sender.send(subscribed(endpoint), entries[:1])
    first, second = receiver.requests
    span = next(one for one in kept.all() if f"{one.context.trace_id:032x}" == TRACE)
    assert first.headers["traceparent"] == f"00-{TRACE}-{span.context.span_id:016x}-01"
    assert kept.names() == kept.names("1" * 32) == ["POST webhook"]
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 204
    assert "/hook" not in kept.text()
    assert "traceparent" not in second.headers


def test_a_page_that_is_read_shows_in_the_trace_of_each_entry(stage: MemoryStage) -> None:
    entries = [an_entry(0, body=opened(stage).to_bytes()), an_entry(1)]
    with traced() as kept:
        trace_reading(FeedPage(entries=entries, position=Cursor(epoch="e", partition=0)))
    assert kept.names() == ["read feed"]
