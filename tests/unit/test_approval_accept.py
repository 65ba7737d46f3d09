"""Accepting decisions: log first, each document once, a bad row costs no good one."""

from datetime import timedelta

import pytest

from approval_events.application.answers import Emitter, Row
from linkage_contracts.topics import DECISIONS
from linkage_runtime.errors import TransientError
from linkage_runtime.faults import Fault
from tests.unit.approval_builders import (
    BUREAU,
    FOOD,
    NOW,
    PARTY_CODE,
    PERSON,
    RESIDENT_ID,
    SUPERVISOR,
    catalogue,
    row,
)
from tests.unit.approval_fakes import (
    Door,
    FakePublisher,
)

UNREADABLE = Fault(
    pointer="/kind", rule="enum", zh="不在代码表内", en="x", remedy_zh="x", remedy_en="x"
)


async def test_a_decision_is_accepted_once_kafka_has_it() -> None:
    door = Door()
    [answer] = await door.accept(row())
    [event] = door.events
    assert (answer.status, answer.decision_id, answer.event_id) == (
        "accepted",
        event.subject,
        event.id,
    )
    assert event.source == f"/organisations/{BUREAU}"
    assert event.partitionkey == PARTY_CODE
    assert event.recordedtime == event.data.accepted_at == NOW
    assert event.data.catalogue_version == catalogue().version
    assert event.data.region == "450721"


async def test_nothing_is_accepted_or_remembered_while_kafka_is_away() -> None:
    door = Door(publisher=FakePublisher(away=True))
    with pytest.raises(TransientError):
        await door.accept(row())
    door.publisher.away = False
    assert [answer.status for answer in await door.accept(row())] == ["accepted"]


async def test_the_same_again_is_known_at_once_and_not_published_twice() -> None:
    door = Door()
    [first] = await door.accept(row())
    [again] = await door.accept(row(), at=NOW + timedelta(hours=1))
    assert (again.status, again.event_id) == ("known", first.event_id)
    assert len(door.events) == 1


async def test_the_same_from_another_platform_is_known() -> None:
    door = Door()
    await door.accept(row())
    platform = Emitter(organisation="platform", authorities=frozenset({BUREAU}))
    assert (await door.accept(row(), emitter=platform))[0].status == "known"


async def test_what_the_worker_recorded_is_known_to_a_new_process() -> None:
    first = Door()
    await first.accept(row())
    restarted = Door()
    await restarted.books.add(first.events)
    assert (await restarted.accept(row()))[0].status == "known"


async def test_another_content_under_the_number_is_a_conflict_that_names_the_difference() -> None:
    door = Door()
    await door.accept(row())
    [answer] = await door.accept(row(content="食品销售"))
    assert answer.status == "conflict"
    assert [(d.pointer, d.kept, d.sent) for d in answer.differences] == [
        ("/content", "餐饮服务", "食品销售")
    ]
    assert len(door.events) == 1


async def test_items_named_or_mapped_alike_are_no_conflict() -> None:
    door = Door()
    await door.accept(row(items=[FOOD]))
    assert (await door.accept(row(items=[])))[0].status == "known"


async def test_one_bad_row_costs_no_good_one() -> None:
    door = Door()
    answers = await door.accept(
        row(0),
        Row(number=1, submission=None, faults=(UNREADABLE,)),
        row(2, document_number="灵审批〔2026〕2号", valid_until="2020-01-01"),
        row(3, document_number="灵审批〔2026〕3号", authority=SUPERVISOR),
        row(4, document_number="灵审批〔2026〕4号"),
    )
    assert [(a.row, a.status) for a in answers] == [
        (0, "accepted"),
        (1, "rejected"),
        (2, "rejected"),
        (3, "rejected"),
        (4, "accepted"),
    ]
    assert {fault.rule for fault in answers[3].faults} >= {"authority_not_yours"}
    assert [event.data.document_number for event in door.events] == [
        "灵审批〔2026〕1号",
        "灵审批〔2026〕4号",
    ]


async def test_a_row_repeated_in_one_batch_is_known_and_a_changed_one_a_conflict() -> None:
    door = Door()
    answers = await door.accept(row(0), row(1), row(2, content="食品销售"))
    assert [answer.status for answer in answers] == ["accepted", "known", "conflict"]
    assert len(door.events) == 1


async def test_a_batch_sent_again_changes_nothing() -> None:
    door = Door()
    rows = [row(n, document_number=f"灵审批〔2026〕{n}号") for n in range(250)]
    await door.accept(*rows)
    again = await door.accept(*rows)
    assert {answer.status for answer in again} == {"known"}
    assert len(door.events) == 250


async def test_a_batch_is_published_and_sealed_at_one_go() -> None:
    door = Door()
    people = [PERSON | {"name": f"李{n}"} for n in range(20)]
    await door.accept(
        *(row(n, document_number=f"护{n}号", party=party) for n, party in enumerate(people))
    )
    assert door.publisher.calls == 1
    assert door.people.sealed_at_once == [20]


async def test_nothing_that_names_a_natural_person_leaves_in_clear() -> None:
    door = Door()
    representative = {"name": "张三丰", "id_number": RESIDENT_ID}
    company = {
        "kind": "legal_person",
        "name": "某公司",
        "code": PARTY_CODE,
        "legal_representative": representative,
    }
    await door.accept(row(0, party=PERSON), row(1, party=company))
    of_person, of_company = door.events
    for event in door.events:
        assert RESIDENT_ID not in event.to_bytes().decode()
    assert "李四海" not in of_person.to_bytes().decode()
    assert of_person.data.party.name == "李**"
    assert of_person.partitionkey.startswith("person:")
    # The representative's name is public in the business register.
    assert of_company.data.party.legal_representative_name == "张三丰"
    assert of_company.data.party.legal_representative is not None


async def test_items_are_found_by_the_mapping_and_else_left_to_the_pool() -> None:
    door = Door()
    await door.accept(
        row(0, items=[]),
        row(1, document_number="灵审批〔2026〕2号", items=[], certificate_name="别的证"),
    )
    assert [[item.code for item in event.data.items] for event in door.events] == [[FOOD], []]
    assert door.events[0].data.items[0].name == "食品经营许可"


async def test_an_irregular_decision_is_accepted_and_says_why() -> None:
    door = Door()
    [answer] = await door.accept(row(items=["999999999999"]))
    assert answer.status == "accepted"
    assert [str(found.rule) for found in answer.irregularities] == ["off_catalogue"]
    assert door.events[0].data.irregularities == answer.irregularities
    assert door.events[0].data.items[0].name == ""


async def test_answers_and_gaps_are_counted() -> None:
    door = Door()
    await door.accept(
        row(0, decided_on="2026-11-22"),
        row(1, decided_on="2026-11-22"),
        row(2, document_number="x", valid_until="2020-01-01"),
    )
    assert sorted(door.measurements.statuses) == ["accepted", "known", "rejected"]
    assert door.measurements.rules == ["validity_reversed"]
    # Accepted at 09:30 in China on the day after: nine and a half hours after the day's end.
    assert door.measurements.gaps == [("decided_to_accepted", 9.5 * 3600)]


async def test_answers_are_counted_where_and_about_what_they_are() -> None:
    door = Door()
    nothing = Row(number=3, submission=None)
    await door.accept(row(0), row(1), row(2, valid_until="2020-01-01"), nothing)
    [event] = door.events
    place = (event.data.region, *(item.code for item in event.data.items))
    assert sorted(door.measurements.places) == [
        ("accepted", *place),
        ("known", *place),
        ("rejected", ""),
        ("rejected", *place),
    ]
    assert door.measurements.acted == [(event.data.authority.id, *place[1:])]


async def test_the_published_event_reads_back_as_it_was() -> None:
    door = Door()
    await door.accept(row(party=PERSON, tolerance={"missing": ["章程"]}, valid_until=None))
    body = door.events[0].to_bytes()
    assert DECISIONS.read(body).to_bytes() == body
