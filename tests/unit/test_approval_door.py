"""The door of the approving side: what is turned away, with its remedy, and what never is."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from approval_events.domain.door import faults_in
from approval_events.domain.submission import Submission
from linkage_contracts.identity import UNKNOWN_USCC
from linkage_runtime.faults import faults_of
from tests.unit.approval_builders import (
    BUREAU,
    OTHER_BUREAU,
    PARTY_CODE,
    PERSON,
    RESIDENT_ID,
    SUPERVISOR,
    TODAY,
    catalogue,
    full_width,
    sent,
    submission,
)

CATALOGUE = catalogue()
ACT = {"document_number": "撤1号", "on": "2026-11-21", "ground": "行政许可法第六十九条"}
COMPANY = {"kind": "legal_person", "name": "某某公司"}


def rules(**changes: Any) -> list[tuple[str, str]]:
    faults = faults_in(
        submission(**changes),
        catalogue=CATALOGUE,
        allowed=frozenset({BUREAU, SUPERVISOR, "11450700XN07000195"}),
        today=TODAY,
    )
    return [(fault.rule, fault.pointer) for fault in faults]


def test_an_ordinary_decision_passes() -> None:
    assert rules() == []


@pytest.mark.parametrize(
    ("changes", "rule", "pointer"),
    [
        ({"authority": "11450700XN07000195"}, "authority_unknown", "/authority"),
        ({"authority": SUPERVISOR}, "authority_not_approving", "/authority"),
        ({"authority": OTHER_BUREAU}, "authority_not_yours", "/authority"),
        ({"region": "45072"}, "region_shape", "/region"),
        ({"party": COMPANY}, "party_code_missing", "/party/code"),
        ({"party": COMPANY | {"code": PARTY_CODE[:-1] + "4"}}, "uscc_check_digit", "/party/code"),
        ({"party": PERSON | {"code": PARTY_CODE}}, "code_of_natural_person", "/party/code"),
        (
            {"party": COMPANY | {"code": PARTY_CODE, "id_number": RESIDENT_ID}},
            "id_number_of_organisation",
            "/party/id_number",
        ),
        (
            {"party": PERSON | {"id_number": "110105194912310021"}},
            "resident_id_check_digit",
            "/party/id_number",
        ),
        (
            {
                "party": COMPANY
                | {
                    "code": PARTY_CODE,
                    "legal_representative": {"name": "张三", "id_number": "123"},
                }
            },
            "resident_id_check_digit",
            "/party/legal_representative/id_number",
        ),
        ({"valid_from": None}, "valid_from_missing", "/valid_from"),
        ({"valid_until": "2026-11-19"}, "validity_reversed", "/valid_until"),
        ({"valid_from": "2026-11-24"}, "valid_from_in_future", "/valid_from"),
        ({"decided_on": "2026-11-24"}, "decision_in_future", "/decided_on"),
        ({"accepted_on": "2026-11-21"}, "accepted_after_decision", "/accepted_on"),
        ({"kind": "annulled"}, "act_required", "/act"),
        ({"act": ACT}, "act_not_expected", "/act"),
        ({"kind": "annulled", "act": ACT | {"on": "2026-11-24"}}, "act_in_future", "/act/on"),
        ({"kind": "annulled", "act": ACT | {"on": "2026-11-19"}}, "act_before_decision", "/act/on"),
    ],
)
def test_a_contradiction_is_named_with_its_place(
    changes: dict[str, Any], rule: str, pointer: str
) -> None:
    assert rules(**changes) == [(rule, pointer)]


@pytest.mark.parametrize(
    "changes",
    [
        {"party": COMPANY | {"code": UNKNOWN_USCC}},
        {"party": COMPANY | {"registrations": {"GSZC": "450721000012345"}}},
        {"party": PERSON | {"code": UNKNOWN_USCC}},
        {"party": PERSON | {"id_type": "护照号", "id_number": "E12345678"}},
        {"party": {"kind": "natural_person", "name": "李四海"}},
        {"kind": "refused", "valid_from": None, "valid_until": None},
        {"kind": "renewed", "valid_from": "2027-01-01"},
        {"kind": "annulled", "act": ACT},
        {"items": ["999999999999"]},
        {"items": []},
        {"valid_until": None},
        {"region": "450721003"},
        {"category": "其他-备案"},
    ],
)
def test_what_exists_is_let_in(changes: dict[str, Any]) -> None:
    assert rules(**changes) == []


def test_all_mistakes_of_a_row_are_named_at_once() -> None:
    found = rules(
        decided_on="2026-12-01", valid_until="2025-01-01", party=COMPANY | {"code": "X" * 18}
    )
    assert {rule for rule, _ in found} == {
        "uscc_check_digit",
        "decision_in_future",
        "validity_reversed",
    }


@pytest.mark.parametrize(
    ("changes", "rule", "pointer"),
    [
        ({"document_number": "  "}, "string_too_short", "/document_number"),
        ({"licence_no": "1"}, "extra_forbidden", "/licence_no"),
        ({"kind": "given"}, "enum", "/kind"),
        ({"decided_on": "20. November"}, "date_parsing", "/decided_on"),
        ({"decided_on": 1_700_000_000}, "date_parsing", "/decided_on"),
        ({"decided_on": "2026-02-30"}, "date_parsing", "/decided_on"),
        ({"party": {"kind": "legal_person", "code": PARTY_CODE}}, "missing", "/party/name"),
        ({"party": COMPANY | {"registrations": {"XX": "1"}}}, "literal_error", None),
    ],
)
def test_a_field_that_cannot_be_read_is_named_with_its_place(
    changes: dict[str, Any], rule: str, pointer: str | None
) -> None:
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate(sent(**changes))
    [fault] = faults_of(caught.value.errors())
    assert fault.rule == rule
    assert pointer is None or fault.pointer == pointer


def test_full_width_and_stray_blanks_are_mended() -> None:
    read = submission(
        document_number=f"灵审批〔{full_width('2026')}〕 1 号",
        decided_on=full_width("2026/11/2"),
        valid_from=" 2026-11-02 ",
        valid_until="2099/12/31",
        certificate_name="   ",
        party={
            "kind": "legal_person",
            "name": "　某公司 ",
            "code": full_width("91") + "350100m000100y43",
        },
        items=["000131902000", "  ", "000131902000"],
    )
    assert read.document_number == "灵审批〔2026〕1号"
    assert read.decided_on == date(2026, 11, 2)
    assert read.valid_until is None
    assert read.certificate_name is None
    assert read.party.name == "某公司"
    assert read.party.code == PARTY_CODE
    assert read.items == ("000131902000",)


@pytest.mark.parametrize("name", ["身份证", "居民身份证", "01", "111"])
def test_a_resident_id_has_one_name(name: str) -> None:
    assert submission(party=PERSON | {"id_type": name}).party.id_type == "身份证"


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("field", "pointer"),
    [
        ("decided_on", "/decided_on"),
        ("valid_from", "/valid_from"),
        ("verify_by", "/commitment/verify_by"),
    ],
)
def test_a_date_that_no_calendar_reckons_with_is_turned_away(
    day: str, field: str, pointer: str
) -> None:
    sent: dict[str, Any] = {field: day}
    if field == "verify_by":
        sent = {"commitment": {"text": "x", "verify_by": day}}
    with pytest.raises(ValidationError) as caught:
        submission(**sent)
    [found] = faults_of(caught.value.errors())
    assert (found.pointer, found.rule) == (pointer, "date_out_of_range")
    assert found.zh == "日期不合常理"


@pytest.mark.parametrize("written", ["2099-12-31", "9999-12-31"])
def test_both_ways_to_write_without_limit_are_without_limit(written: str) -> None:
    assert submission(valid_until=written).valid_until is None


def test_numbers_that_look_alike_are_one_number() -> None:
    plain = submission(document_number="灵审批许〔2026〕1号")
    copied = submission(document_number="\ufeff灵审批许〔2026〕\u200b1号\u202c\x00")
    assert copied == plain


def test_control_characters_are_no_part_of_a_text_but_lines_and_joiners_are() -> None:
    sent_text = "热食\x00类\n食品\u200d\x1b制售"
    assert submission(content=sent_text).content == "热食类\n食品\u200d制售"


def test_a_number_of_nothing_but_unseen_characters_is_none() -> None:
    with pytest.raises(ValidationError, match="document_number"):
        submission(document_number="\u200b\ufeff")
