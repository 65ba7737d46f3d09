"""Recording results: who they concern, known or new, and the log first."""

from dataclasses import replace

import pytest

from linkage_contracts.codes import PartyKind
from linkage_contracts.ids import stable_id
from linkage_contracts.results import InspectionRecorded, PenaltyImposed
from linkage_contracts.topics import RESULTS
from linkage_runtime.errors import TransientError
from supervision_push.application.record_result import Emitter, ResultStatus
from tests.unit.results_fakes import (
    BUREAU,
    DECISION,
    PARTY,
    PUSH,
    RESIDENT,
    SUPERVISOR,
    Desk,
    Log,
    a_penalty,
    a_submission,
    about_party,
    uscc,
)

NATURAL = {"kind": "natural_person", "name": "张三丰", "id_number": RESIDENT}


async def test_a_result_about_a_push_takes_party_authority_and_region_from_it() -> None:
    desk = Desk()
    (answer,) = await desk.record(a_submission())
    (event,) = desk.log.on(RESULTS)
    assert answer.status is ResultStatus.ACCEPTED
    assert isinstance(event, InspectionRecorded)
    data = event.data
    assert (data.authority, data.decision_id, data.push_id) == (BUREAU, DECISION, PUSH)
    assert (data.party.key, data.region) == (PARTY, "450721")
    assert (event.partitionkey, event.subject, event.emitter) == (PARTY, DECISION, SUPERVISOR)
    assert data.supervisor.name == "灵山县市场监督管理局"
    assert event.time.isoformat() == "2026-11-20T00:00:00+08:00"
    assert data.result_id == answer.result_id


async def test_the_log_comes_first_and_a_failure_answers_nothing() -> None:
    desk = Desk(log=Log(away=1))
    with pytest.raises(TransientError):
        await desk.record(a_submission())
    (answer,) = await desk.record(a_submission())
    assert answer.status is ResultStatus.ACCEPTED


async def test_the_same_result_again_is_known_however_it_names_its_licence() -> None:
    desk = Desk()
    (first,) = await desk.record(a_submission(document_number="检[2026]7号"))
    (event,) = desk.log.on(RESULTS)
    desk.results.known[event.data.result_id] = event.data.digest
    by_decision = a_submission(document_number="检[2026]7号", push_id=None, decision_id=DECISION)
    (again,) = await desk.record(by_decision)
    assert again == replace(first, status=ResultStatus.KNOWN)
    assert len(desk.log.events) == 1


async def test_another_content_under_the_same_document_is_a_conflict() -> None:
    desk = Desk()
    first, second, third = await desk.record(
        a_submission(document_number="检7号"),
        a_submission(document_number="检7号"),
        a_submission(document_number="检7号", summary="全然不同"),
    )
    statuses = [first.status, second.status, third.status]
    assert statuses == [ResultStatus.ACCEPTED, ResultStatus.KNOWN, ResultStatus.CONFLICT]
    assert len({first.result_id, second.result_id, third.result_id}) == 1
    assert len(desk.log.events) == 1


async def test_without_a_document_number_other_contents_are_other_results() -> None:
    desk = Desk()
    answers = await desk.record(a_submission(), a_submission(summary="第二次检查"))
    assert [answer.status for answer in answers] == [ResultStatus.ACCEPTED] * 2
    assert answers[0].result_id != answers[1].result_id


async def test_a_result_about_a_party_alone_concerns_no_bureau() -> None:
    desk = Desk()
    await desk.record(about_party())
    (event,) = desk.log.on(RESULTS)
    assert (event.data.authority, event.data.decision_id) == (None, None)
    assert (event.partitionkey, event.subject) == (PARTY, event.data.result_id)
    assert event.data.region == "450721"


async def test_a_natural_person_is_sealed_and_masked() -> None:
    desk = Desk()
    await desk.record(about_party(party=NATURAL), about_party(party=NATURAL, summary="又一次"))
    for event in desk.log.on(RESULTS):
        body = event.to_bytes().decode()
        assert event.data.party.kind is PartyKind.NATURAL_PERSON
        assert event.partitionkey == event.data.party.key
        assert RESIDENT not in body
        assert "张三丰" not in body


async def test_the_digest_does_not_depend_on_an_id_number_in_clear() -> None:
    desk = Desk()
    other = NATURAL | {"id_type": "身份证"}
    await desk.record(about_party(party=NATURAL), about_party(party=other))
    assert len(desk.log.events) == 1


@pytest.mark.parametrize("code", [None, "00000000000000000X"])
async def test_an_organisation_without_a_usable_code_is_recorded_and_not_rated(
    code: str | None,
) -> None:
    desk = Desk()
    party = {"kind": "legal_person", "name": "无码商行", "code": code}
    (answer,) = await desk.record(about_party(party=party))
    (event,) = desk.log.on(RESULTS)
    assert answer.status is ResultStatus.ACCEPTED
    assert event.partitionkey.startswith("result:")
    assert not event.data.party.is_rated


async def test_a_push_of_another_supervisor_or_none_at_all_is_not_pushed() -> None:
    foreign = Desk(emitter=Emitter(organisation=BUREAU, name="审批局", authorities=frozenset()))
    (not_theirs,) = await foreign.record(a_submission())
    (unknown,) = await Desk().record(a_submission(push_id=stable_id("test-push", "unknown")))
    assert not_theirs.status is ResultStatus.NOT_PUSHED
    assert unknown.status is ResultStatus.NOT_PUSHED
    assert foreign.log.events == []


async def test_a_platform_emits_for_the_authorities_that_its_key_names_and_no_other() -> None:
    platform = Emitter(
        organisation=uscc("9"), name="平台", authorities=frozenset({SUPERVISOR, uscc("8")})
    )
    desk = Desk(emitter=platform)
    mine, foreign, unlisted = await desk.record(
        a_submission(supervisor=SUPERVISOR),
        a_submission(supervisor=BUREAU),
        a_submission(supervisor=uscc("8")),
    )
    assert mine.status is ResultStatus.ACCEPTED
    assert foreign.status is ResultStatus.FORBIDDEN
    assert unlisted.status is ResultStatus.REJECTED
    (event,) = desk.log.on(RESULTS)
    assert (event.data.supervisor.id, event.emitter) == (SUPERVISOR, uscc("9"))


async def test_one_bad_result_costs_none_beside_it() -> None:
    desk = Desk()
    answers = await desk.record(
        a_submission(), a_submission(found_on="2026-11-24"), about_party(summary="另一件")
    )
    assert [answer.status for answer in answers] == [
        ResultStatus.ACCEPTED,
        ResultStatus.REJECTED,
        ResultStatus.ACCEPTED,
    ]


async def test_a_penalty_keeps_its_amounts_in_yuan() -> None:
    desk = Desk()
    await desk.record(a_penalty(fine="50000.00"))
    (event,) = desk.log.on(RESULTS)
    assert isinstance(event, PenaltyImposed)
    assert str(event.data.fine) == "50000.00"
