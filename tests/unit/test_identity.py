"""Numbers by which organisations and people are named."""

import pytest
import stdnum.cn.ric
import stdnum.cn.uscc
from hypothesis import given
from hypothesis import strategies as st

from linkage_contracts.identity import (
    UNKNOWN_USCC,
    is_region,
    is_resident_id,
    is_uscc,
    regions_upward,
    uscc_check_digit,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "code",
    [
        "91350100M000100Y43",  # the standard's own example
        "91110000600037341L",
        "N23701001MA3C0000J",  # a rural collective, which stdnum refuses
    ],
)
def test_lawful_codes_pass(code: str) -> None:
    assert is_uscc(code)


@pytest.mark.parametrize(
    "code", ["91350100M000100Y44", UNKNOWN_USCC, "", "91350100M000100Y4", "91350100I000100Y43"]
)
def test_wrong_digits_the_filler_and_forbidden_letters_do_not_pass(code: str) -> None:
    assert not is_uscc(code)


@given(st.text(ALPHABET, min_size=8, max_size=8), st.sampled_from("123456789"))
def test_for_numeric_prefixes_we_agree_with_an_independent_library(tail: str, first: str) -> None:
    first17 = f"{first}1450721{tail}0"
    code = first17 + uscc_check_digit(first17)
    assert is_uscc(code)
    assert stdnum.cn.uscc.is_valid(code) or first not in "159"


@given(st.text(ALPHABET, min_size=18, max_size=18))
def test_changing_one_character_of_a_code_is_noticed(text: str) -> None:
    code = "9145072" + text[7:17]
    code += uscc_check_digit(code)
    other = code[:10] + ("0" if code[10] != "0" else "1") + code[11:]
    assert not is_uscc(other)


def test_resident_ids_are_checked_like_the_independent_library_does() -> None:
    assert is_resident_id("11010519491231002X")
    assert stdnum.cn.ric.is_valid("11010519491231002X")
    assert not is_resident_id("110105194912310021")
    assert not is_resident_id("11010519491331002X")


def test_a_number_may_be_both_so_its_kind_is_never_guessed() -> None:
    assert is_uscc("362322198709086409")
    assert is_resident_id("362322198709086409")


def test_regions_are_tried_from_the_village_upwards() -> None:
    assert regions_upward("450721003") == ("450721003", "450721", "450700", "450000")
    assert regions_upward("450700") == ("450700", "450000")
    assert is_region("450721")
    assert not is_region("45072")
