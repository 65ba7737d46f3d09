"""Later acts on a known decision: the snapshot is filled from the books."""

from datetime import date
from typing import Any

import pytest

from approval_events.application.answers import Answer, Emitter
from approval_events.application.ask_credit import Credit
from approval_events.application.record_act import (
    Books,
    DecisionUnknownError,
    RecordAct,
    record_act,
)
from approval_events.domain.submission import ActSubmission
from linkage_contracts.codes import DecisionKind
from linkage_contracts.decisions import DecisionAnnulled
from tests.unit.approval_builders import (
    BUREAU,
    EMITTER,
    FOOD,
    NOW,
    PARTY_CODE,
    PERSON,
    REGISTRATION,
    YARDSTICK,
    row,
)
from tests.unit.approval_fakes import (
    Door,
)


async def known_decision(**changes: Any) -> tuple[Door, str]:
    """A door whose books hold one decision."""
    door = Door()
    [answer] = await door.accept(row(**changes))
    await door.books.add(door.events)
    assert answer.decision_id
    return door, answer.decision_id


async def act_on(door: Door, decision_id: str, emitter: Emitter = EMITTER, **said: Any) -> Answer:
    content = {
        "kind": "annulled",
        "document_number": "撤1号",
        "on": "2026-11-23",
        "ground": "行政许可法第六十九条",
    } | said
    answer = await record_act(
        RecordAct(
            decision_id=decision_id,
            act=ActSubmission.model_validate(content),
            emitter=emitter,
            at=NOW,
        ),
        catalogues=door.catalogues,
        books=Books(versions=door.books, known=door.recent),
        credit=Credit(desk=door.credit, copies=door.credit),
        people=door.people,
        yardstick=YARDSTICK,
        publisher=door.publisher,
        measurements=door.measurements,
    )
    await door.books.add(door.events)
    return answer


async def test_an_annulment_says_the_whole_decision_again() -> None:
    door, decision_id = await known_decision()
    answer = await act_on(door, decision_id)
    issued, annulled = door.events
    assert answer.status == "accepted"
    assert isinstance(annulled, DecisionAnnulled)
    assert annulled.subject == decision_id
    assert annulled.data.kind is DecisionKind.ANNULLED
    assert annulled.data.content == issued.data.content
    assert annulled.data.party == issued.data.party
    assert annulled.data.decided_on == issued.data.decided_on
    assert annulled.data.effective_on == date(2026, 11, 23)


async def test_an_amendment_changes_only_what_it_names() -> None:
    door, decision_id = await known_decision(case_number="B1")
    await act_on(
        door,
        decision_id,
        kind="amended",
        changes={"content": "食品销售", "valid_until": None, "items": [REGISTRATION]},
    )
    amended = door.events[-1].data
    assert amended.content == "食品销售"
    assert amended.valid_until is None
    assert [item.code for item in amended.items] == [REGISTRATION]
    assert amended.case_number == "B1"
    assert amended.document_number == "灵审批〔2026〕1号"


async def test_the_same_act_again_is_known_even_after_another_one() -> None:
    door, decision_id = await known_decision()
    amendment: dict[str, Any] = {"kind": "amended", "document_number": "变1号"}
    amendment["changes"] = {"content": "食品销售"}
    await act_on(door, decision_id, **amendment)
    await act_on(door, decision_id, document_number="撤1号")
    assert (await act_on(door, decision_id, **amendment)).status == "known"
    assert len(door.events) == 3


async def test_another_content_of_an_act_is_a_conflict() -> None:
    door, decision_id = await known_decision()
    await act_on(door, decision_id, kind="amended", changes={"content": "食品销售"})
    answer = await act_on(door, decision_id, kind="amended", changes={"content": "餐饮"})
    assert answer.status == "conflict"
    assert [difference.pointer for difference in answer.differences] == ["/content"]


async def test_an_act_builds_on_the_version_before_it() -> None:
    door, decision_id = await known_decision(decided_on="2026-11-02", valid_from="2026-11-02")
    await act_on(
        door,
        decision_id,
        kind="amended",
        on="2026-11-20",
        document_number="变2号",
        changes={"content": "后来"},
    )
    # Told late: it happened before the amendment, so it does not know of it.
    await act_on(door, decision_id, kind="renewed", on="2026-11-10", document_number="延1号")
    assert door.events[-1].data.content == "餐饮服务"
    await act_on(door, decision_id, kind="annulled", on="2026-11-21")
    assert door.events[-1].data.content == "后来"


async def test_an_act_on_an_unknown_decision_says_not_yet() -> None:
    with pytest.raises(DecisionUnknownError):
        await act_on(Door(), "00000000-0000-5000-8000-000000000000")


@pytest.mark.parametrize(
    ("said", "rule", "pointer"),
    [
        ({"on": "2026-11-19"}, "act_before_decision", "/on"),
        ({"on": "2026-11-24"}, "act_in_future", "/on"),
        ({"changes": {"region": "4507"}}, "region_shape", "/changes/region"),
        (
            {"kind": "amended", "changes": {"valid_until": "2026-01-01"}},
            "validity_reversed",
            "/changes/valid_until",
        ),
        (
            {"changes": {"party": {"kind": "legal_person", "name": "x", "code": "9"}}},
            "uscc_check_digit",
            "/changes/party/code",
        ),
        ({"changes": {"party": PERSON}}, "party_changed", "/changes/party"),
    ],
)
async def test_a_contradiction_in_an_act_is_named_with_its_place(
    said: dict[str, Any], rule: str, pointer: str
) -> None:
    door, decision_id = await known_decision()
    answer = await act_on(door, decision_id, **said)
    assert answer.status == "rejected"
    assert (rule, pointer) in [(fault.rule, fault.pointer) for fault in answer.faults]
    assert len(door.events) == 1


async def test_an_act_on_another_authoritys_decision_is_turned_away() -> None:
    door, decision_id = await known_decision()
    stranger = Emitter(organisation="platform", authorities=frozenset({PARTY_CODE}))
    answer = await act_on(door, decision_id, emitter=stranger)
    assert [fault.rule for fault in answer.faults] == ["authority_not_yours"]


async def test_an_unknown_party_may_become_known() -> None:
    unknown = {"kind": "legal_person", "name": "某公司", "code": "00000000000000000X"}
    door, decision_id = await known_decision(party=unknown)
    answer = await act_on(
        door, decision_id, kind="amended", changes={"party": unknown | {"code": PARTY_CODE}}
    )
    assert answer.status == "accepted"
    assert door.events[-1].partitionkey == PARTY_CODE
    assert door.events[-1].subject == decision_id


async def test_a_person_may_change_the_name_and_is_sealed_anew() -> None:
    door, decision_id = await known_decision(party=PERSON)
    await act_on(
        door, decision_id, kind="amended", changes={"party": PERSON | {"name": "李四海洋"}}
    )
    before, after = (event.data.party for event in door.events)
    assert (before.key, before.name, after.name) == (after.key, "李**", "李***")
    assert after.person is not None
    assert (await door.people.open(after.person)).name == "李四海洋"


async def test_an_act_that_breaks_a_rule_is_flagged() -> None:
    door, decision_id = await known_decision()
    answer = await act_on(
        door,
        decision_id,
        kind="amended",
        changes={"items": [FOOD, "999999999999"]},
        emitter=Emitter(organisation="platform", authorities=frozenset({BUREAU})),
    )
    assert [str(found.rule) for found in answer.irregularities] == ["off_catalogue"]
    assert door.events[-1].emitter == "platform"


async def test_the_time_to_decide_an_act_runs_from_its_own_acceptance() -> None:
    door, decision_id = await known_decision(accepted_on="2026-11-02", decided_on="2026-11-20")
    plain = await act_on(door, decision_id, kind="amended", document_number="变1号")
    assert plain.irregularities == (), "the acceptance of the decision is not the act's"
    slow = await act_on(
        door, decision_id, kind="amended", document_number="变2号", accepted_on="2026-11-02"
    )
    assert [str(found.rule) for found in slow.irregularities] == ["decided_after_promise"]
    assert [event.data.accepted_on for event in door.events[1:]] == [None, date(2026, 11, 2)]


async def test_an_act_was_accepted_before_it_was_done() -> None:
    door, decision_id = await known_decision()
    answer = await act_on(door, decision_id, accepted_on="2026-11-24")
    assert [(fault.rule, fault.pointer) for fault in answer.faults] == [
        ("accepted_after_decision", "/accepted_on")
    ]
