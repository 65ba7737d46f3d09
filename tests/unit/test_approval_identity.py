"""Ids and digests: the same document is the same, however it is written and whoever sends it."""

from typing import Any

import pytest

from approval_events.domain.identity import Identity, digest_of_act, identify
from approval_events.domain.submission import ActSubmission
from linkage_contracts.identity import UNKNOWN_USCC
from tests.unit.approval_builders import (
    PARTY_CODE,
    PERSON,
    RESIDENT_ID,
    full_width,
    submission,
)
from tests.unit.approval_fakes import (
    FakePeople,
)

KEY_OF = FakePeople().key


def identity(**changes: Any) -> Identity:
    return identify(submission(**changes), KEY_OF)


def test_another_spelling_is_the_same_document() -> None:
    assert (
        identity(document_number=f"灵审批〔{full_width('2026')}〕 1 号", decided_on="2026/11/20")
        == identity()
    )


def test_a_later_date_under_the_same_number_is_a_new_version() -> None:
    first, renewed = identity(), identity(kind="renewed", decided_on="2026-11-21")
    assert first.decision_id == renewed.decision_id
    assert first.event_id != renewed.event_id


def test_a_refusal_after_a_grant_on_one_day_is_the_same_version() -> None:
    # Both are "issued", so the second is a conflict and not a silent change of mind.
    assert identity(kind="refused").event_id == identity().event_id
    assert identity(kind="refused").digest != identity().digest


@pytest.mark.parametrize(
    "changes",
    [
        {"document_number": "灵审批〔2026〕2号"},
        {"licence_number": "JY2"},
        {"party": {"kind": "legal_person", "name": "另一公司", "code": UNKNOWN_USCC}},
    ],
)
def test_another_document_or_party_is_another_decision(changes: dict[str, Any]) -> None:
    assert identity(**changes).decision_id != identity().decision_id


@pytest.mark.parametrize(
    "changes",
    [
        {"content": "食品销售"},
        {"valid_until": None},
        {"items": []},
        {"commitment": {"text": "按告知承诺书"}},
        {"party": {"kind": "legal_person", "name": "改名公司", "code": PARTY_CODE}},
    ],
)
def test_another_content_has_another_digest_and_the_same_ids(changes: dict[str, Any]) -> None:
    other = identity(**changes)
    assert other.event_id == identity().event_id
    assert other.digest != identity().digest


def test_the_party_is_known_by_its_code() -> None:
    assert identity().party_key == PARTY_CODE


def test_a_natural_person_is_known_by_a_keyed_hash() -> None:
    assert identity(party=PERSON).party_key.startswith("person:")


@pytest.mark.parametrize(
    "party",
    [
        {"kind": "legal_person", "name": "某公司", "code": UNKNOWN_USCC},
        {"kind": "natural_person", "name": "李四海"},
    ],
)
def test_an_unknown_party_is_known_by_its_decision(party: dict[str, Any]) -> None:
    found = identity(party=party)
    assert found.party_key == f"decision:{found.decision_id}"


def test_a_missing_id_type_means_a_resident_id() -> None:
    untyped = {"kind": "natural_person", "name": "李四海", "id_number": RESIDENT_ID}
    assert identity(party=untyped).party_key == identity(party=PERSON).party_key


def test_another_full_name_under_the_same_number_has_another_digest() -> None:
    one, two = identity(party=PERSON), identity(party=PERSON | {"name": "李四河"})
    assert one.event_id == two.event_id
    assert one.digest != two.digest


def test_an_act_with_no_changes_is_the_same_with_empty_ones() -> None:
    said = {"kind": "annulled", "document_number": "撤1号", "on": "2026-11-21", "ground": "x"}
    read = ActSubmission.model_validate
    bare, empty = read(said), read({**said, "changes": {}})
    assert digest_of_act("d", bare, KEY_OF) == digest_of_act("d", empty, KEY_OF)
    other = read({**said, "changes": {"content": "y"}})
    # An act that was sent before fields were added is known under the digest that it had then.
    before = "cd0f07da5cc79f303963cd7cab9a1810a4708002ae1bb787da8b6278822a146b"
    assert digest_of_act("d", bare, KEY_OF) == before
    assert digest_of_act("d", other, KEY_OF) != digest_of_act("d", bare, KEY_OF)
