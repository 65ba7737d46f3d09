"""The end of the second loop: what the bureau did about a result reaches its supervisor."""

from typing import Any

import pytest

from linkage_contracts.actions import (
    ActionReported,
    Conflict,
    ConflictFound,
    Reception,
    Refusal,
    Report,
    ResultReceived,
    ResultReturned,
)
from linkage_contracts.codes import ActionOutcome
from linkage_contracts.ids import entry_id, stable_id
from linkage_contracts.topics import FEEDS, PROGRESS
from supervision_push.application.result_ports import Act
from tests.unit.results_fakes import BUREAU, DECISION, NOON, OVERSIGHT, PARTY, SUPERVISOR
from tests.unit.results_office import Office


def a_ref() -> dict[str, Any]:
    return {
        "result_id": stable_id("test-result"),
        "result_type": "linkage.result.inspection-recorded.v1",
        "decision_id": DECISION,
        "authority": BUREAU,
        "supervisor": SUPERVISOR,
        "by": "clerk 3",
    }


def an_envelope(name: str) -> dict[str, Any]:
    return {
        "id": stable_id("test-act", name),
        "source": f"/organisations/{BUREAU}",
        "subject": DECISION,
        "time": NOON,
        "recordedtime": NOON,
        "partitionkey": PARTY,
        "emitter": BUREAU,
    }


RECEIVED = ResultReceived(**an_envelope("received"), data=Reception(**a_ref()))
RETURNED = ResultReturned(**an_envelope("returned"), data=Refusal(**a_ref(), reason="非本局许可"))
REPORTED = ActionReported(
    **an_envelope("reported"),
    data=Report(**a_ref(), outcome=ActionOutcome.ANNULLED, note="已撤销"),
)


@pytest.mark.parametrize(
    ("event", "act"),
    [(RECEIVED, Act.RECEIVED), (RETURNED, Act.RETURNED), (REPORTED, Act.REPORTED)],
)
async def test_what_the_bureau_did_is_marked_and_told_to_the_supervisor(
    event: ResultReceived | ResultReturned | ActionReported, act: Act
) -> None:
    office = Office()
    await office.actions_in(event)
    (marked,) = office.results.acts
    (entry,) = office.log.on(FEEDS)
    assert (marked.result_id, marked.act, marked.at) == (event.data.result_id, act, NOON)
    assert entry.id == entry_id(SUPERVISOR, entry.type, event.id)
    assert (entry.partitionkey, entry.party, entry.data) == (SUPERVISOR, PARTY, event.data)


async def test_only_a_report_on_the_supervisors_feed_is_told_to_the_ledger() -> None:
    office = Office()
    await office.actions_in(RECEIVED, RETURNED, REPORTED)
    (told,) = office.log.on(PROGRESS)
    assert told.type == "linkage.report.forwarded.v1"
    assert (told.data.to, told.data.decision_id) == (SUPERVISOR, DECISION)


async def test_a_conflict_is_told_to_the_bureau_and_to_those_who_oversee_it() -> None:
    office = Office()
    conflict = ConflictFound(
        **an_envelope("conflict"),
        data=Conflict(
            decision_id=DECISION,
            event_id=stable_id("test-decision-event"),
            authority=BUREAU,
            document_number="灵审〔2026〕1号",
            kept_digest="a",
            other_digest="b",
            differences=("content",),
        ),
    )
    await office.actions_in(conflict)
    entries = office.log.on(FEEDS)
    assert [entry.partitionkey for entry in entries] == [BUREAU, OVERSIGHT]
    assert len({entry.id for entry in entries}) == 2
    assert office.results.acts == []
