"""Results as the bureau's list stores them."""

import pytest

from approval_events.adapters.mongo_incoming_results import MongoIncomingResults
from approval_events.application.record_results import record_results
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from linkage_runtime.publisher import KafkaPublisher
from tests.unit.approval_fakes import FakeLedger
from tests.unit.approval_loops import RESULT, found
from tests.unit.traced import SAMPLED


@pytest.mark.parametrize("traceparent", [SAMPLED, None])
async def test_a_result_keeps_the_trace_that_it_came_in_by(
    store: Database, traceparent: str | None
) -> None:
    incoming = store["incoming_results"]
    results = MongoIncomingResults(incoming, Outbox(incoming, KafkaPublisher("nowhere:1")))
    event = found().model_copy(update={"traceparent": traceparent})
    await record_results([event], results=results, matters=(), ledger=FakeLedger())
    kept = (await results.find([RESULT]))[RESULT]
    assert kept.traceparent == traceparent
    document = await incoming.find_one({"_id": RESULT})
    assert document
    assert ("traceparent" in document["found"]) is (traceparent is not None)
