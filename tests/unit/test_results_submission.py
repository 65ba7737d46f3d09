"""Reading submitted results: each mistake is named with its place, and a bad row costs no other."""

import json
from datetime import date

import pytest

from linkage_runtime.http.problems import ProblemError
from supervision_push.adapters.results.result_rows import MAX_ROWS, Row, read_one, read_rows
from supervision_push.domain.result_faults import faults_in
from supervision_push.domain.submitted_result import AnySubmittedResult
from tests.unit.results_fakes import PARTY, PUSH, RESIDENT, a_penalty, a_submission, about_party

TODAY = date(2026, 11, 23)
CLUE = {"type": "risk_clue", "found_on": "2026-11-20", "summary": "线索", "push_id": PUSH}


def rules(row: Row) -> dict[str, str]:
    assert isinstance(row, tuple), "the row was taken"
    return {fault.pointer: fault.rule for fault in row}


def faults(submitted: AnySubmittedResult) -> dict[str, str]:
    return {fault.pointer: fault.rule for fault in faults_in(submitted, TODAY)}


def test_an_unknown_field_is_a_mistake() -> None:
    row = read_one(json.dumps({**CLUE, "colour": "red"}).encode())
    assert rules(row) == {"/colour": "extra_forbidden"}


def test_each_mistake_has_a_pointer_into_what_was_sent() -> None:
    body = {"type": "penalty", "found_on": "yesterday", "summary": "", "kinds": ["01", "99"]}
    assert rules(read_one(json.dumps(body).encode())) == {
        "/found_on": "date_from_datetime_parsing",
        "/summary": "string_too_short",
        "/kinds/1": "enum",
        "/violation": "missing",
        "/basis": "missing",
    }


@pytest.mark.parametrize("body", [b'{"type": "gossip"}', b"{}"])
def test_an_unknown_type_is_named_at_its_place_and_not_repeated(body: bytes) -> None:
    row = read_one(body)
    assert rules(row) == {"/type": "type"}
    assert "gossip" not in str(row)


@pytest.mark.parametrize("body", [b"", b"[", b"3", b'"x"', b"\xff\xfe"])
def test_what_is_no_object_is_a_mistake(body: bytes) -> None:
    assert rules(read_one(body)).keys() == {""}


def test_an_action_request_must_say_what_it_asks() -> None:
    row = read_one(json.dumps({**CLUE, "type": "action_request"}).encode())
    assert rules(row) == {"/request": "missing"}


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/x-ndjson; charset=utf-8"]
)
def test_rows_keep_their_order_and_a_bad_one_costs_no_other(content_type: str) -> None:
    rows = [CLUE, {"type": "gossip"}, {**CLUE, "summary": "第二条"}]
    body = (
        "\n\n".join(json.dumps(row) for row in rows)
        if "ndjson" in content_type
        else json.dumps(rows)
    )
    first, second, third = read_rows(body.encode(), content_type)
    assert not isinstance(first, tuple)
    assert rules(second) == {"/type": "type"}
    assert not isinstance(third, tuple)
    assert third.summary == "第二条"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{}", 422), (b"[", 400), (json.dumps([CLUE] * (MAX_ROWS + 1)).encode(), 413)],
)
def test_a_body_that_is_no_batch_is_refused_whole(body: bytes, status: int) -> None:
    with pytest.raises(ProblemError) as refused:
        read_rows(body, "application/json")
    assert refused.value.status_code == status


def test_a_result_says_whom_it_is_about_once() -> None:
    assert faults(a_submission(push_id=None)) == {"/party": "party_missing"}
    party = {"kind": "legal_person", "name": "x", "code": PARTY}
    assert faults(a_submission(party=party)) == {"/party": "party_twice"}


@pytest.mark.parametrize(
    ("party", "expected"),
    [
        ({"kind": "legal_person", "code": PARTY[:-1] + "4"}, {"/party/code": "uscc"}),
        ({"kind": "legal_person", "code": "N23701001MA3C0000J"}, {}),
        ({"kind": "legal_person", "code": "00000000000000000X"}, {}),
        ({"kind": "natural_person", "code": PARTY}, {"/party/code": "code_of_person"}),
        ({"kind": "natural_person", "id_number": RESIDENT}, {}),
        (
            {"kind": "natural_person", "id_number": RESIDENT[:-1] + "1"},
            {"/party/id_number": "resident_id"},
        ),
        ({"kind": "natural_person", "id_type": "护照号", "id_number": "E12345678"}, {}),
    ],
)
def test_check_digits_are_checked(party: dict[str, str], expected: dict[str, str]) -> None:
    assert faults(about_party(party={"name": "某某", **party})) == expected


def test_dates_must_not_contradict_each_other_nor_lie_ahead() -> None:
    assert faults(a_submission(found_on="2026-11-24", rectify_by="2026-11-30")) == {
        "/found_on": "future"
    }
    assert faults(a_submission(rectify_by="2026-11-19")) == {"/rectify_by": "date_order"}
    assert faults(a_penalty(public_until="2026-11-19")) == {"/public_until": "date_order"}
    request = {"action": "annul", "ground": "依法", "report_by": "2026-11-01"}
    assert faults(a_submission(request=request)) == {"/request/report_by": "date_order"}


def test_a_region_must_look_like_one() -> None:
    assert faults(a_submission(region="45072")) == {"/region": "region"}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", 0, 20261120])
def test_a_date_that_cannot_be_meant_is_a_mistake(day: object) -> None:
    ask = {"action": "annul", "ground": "x", "report_by": day}
    row = read_one(json.dumps({**CLUE, "found_on": day, "request": ask}).encode())
    rule = "date_out_of_range" if isinstance(day, str) else "date_parsing"
    assert rules(row) == {"/found_on": rule, "/request/report_by": rule}


def test_characters_that_nobody_sees_make_no_other_document() -> None:
    numbers = ("罚〔2026〕1号", "\u200b罚〔2026〕1号\x00")
    rows = [read_one(json.dumps({**CLUE, "document_number": one}).encode()) for one in numbers]
    assert rows[0] == rows[1]
    assert not isinstance(rows[0], tuple)
