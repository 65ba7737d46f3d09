"""The second loop: results to the bureau's feed, and what the bureau did to the supervisor's."""

from collections.abc import Sequence
from datetime import date

import pytest

from linkage_contracts.codes import Clock
from linkage_contracts.ids import entry_id
from linkage_contracts.results import AnyResultEvent
from linkage_contracts.topics import FEEDS, PROGRESS, RESULTS
from linkage_runtime.errors import TransientError
from supervision_push.application.forward_results import (
    clocks_of,
)
from supervision_push.domain.submitted_result import AnySubmittedResult
from tests.unit.results_fakes import (
    BUREAU,
    PARTY,
    Desk,
    Log,
    a_submission,
    about_party,
)
from tests.unit.results_office import SCHEDULE, Office

REQUEST = {"action": "annul", "ground": "不再具备条件"}


async def found(*submissions: AnySubmittedResult) -> Sequence[AnyResultEvent]:
    desk = Desk()
    await desk.record(*submissions)
    return desk.log.on(RESULTS)


async def test_a_result_about_a_licence_goes_to_its_bureaus_feed_and_the_ledger_is_told() -> None:
    office = Office()
    (event,) = await found(a_submission())
    await office.results_in(event)
    (entry,) = office.log.on(FEEDS)
    (told,) = office.log.on(PROGRESS)
    assert entry.id == entry_id(BUREAU, entry.type, event.id)
    assert (entry.partitionkey, entry.party, entry.time) == (BUREAU, PARTY, event.time)
    assert entry.data.found == event
    assert (told.data.to, told.data.result_id) == (BUREAU, event.data.result_id)
    assert told.partitionkey == PARTY


async def test_a_result_about_a_party_alone_is_kept_and_told_to_nobody() -> None:
    office = Office()
    (event,) = await found(about_party())
    await office.results_in(event)
    assert event.data.result_id in office.results.known
    assert office.log.events == []


async def test_the_same_result_again_tells_the_same_ids() -> None:
    office = Office()
    (event,) = await found(a_submission())
    await office.results_in(event)
    await office.results_in(event, event)
    assert len({told.id for _, told in office.log.events}) == 2


async def test_a_second_content_under_a_known_id_is_not_told_to_the_bureau() -> None:
    office = Office()
    (event,) = await found(a_submission(document_number="检7号"))
    (other,) = await found(a_submission(document_number="检7号", summary="全然不同"))
    await office.results_in(event)
    told = len(office.log.events)
    await office.results_in(other)
    assert len(office.log.events) == told


async def test_results_are_stored_before_anybody_is_told() -> None:
    office = Office(log=Log(away=1))
    (event,) = await found(a_submission())
    with pytest.raises(TransientError):
        await office.results_in(event)
    assert event.data.result_id in office.results.known
    await office.results_in(event)
    assert len(office.log.on(FEEDS)) == 1


async def test_the_bureau_owes_a_receipt_and_a_report_only_where_it_was_asked_to_act() -> None:
    plain, asked, named, alone = await found(
        a_submission(),
        a_submission(summary="请撤销", request=REQUEST),
        a_submission(summary="请速办", request={**REQUEST, "report_by": "2026-11-27"}),
        about_party(),
    )
    due = {Clock.RESULT_RECEIPT: date(2026, 11, 25)}
    expected: tuple[tuple[AnyResultEvent, dict[Clock, date]], ...] = (
        (plain, due),
        (asked, {**due, Clock.ACTION_REPORT: date(2026, 12, 7)}),
        (named, {**due, Clock.ACTION_REPORT: date(2026, 11, 27)}),
        (alone, {}),
    )
    for event, owed in expected:
        clocks = clocks_of(event, SCHEDULE)
        assert {clock.clock: clock.due_on for clock in clocks} == owed
