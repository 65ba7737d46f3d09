"""Check digits of the numbers by which China names organisations and people.

Sources: GB 32100-2015 (统一社会信用代码), GB 11714 (组织机构代码), GB 11643 (公民身份号码),
GB/T 2260 (行政区划代码). A resident id can also pass the credit-code check, so nothing here guesses
which of them a number is.
"""

import re
from operator import mul

UNKNOWN_USCC = "0" * 17 + "X"
"""What departments write where a party's code is unknown (seen in live 双公示 data)."""

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUES = {character: value for value, character in enumerate(_USCC_ALPHABET)}
_USCC_SHAPE = re.compile(rf"[1-9ANY][{_USCC_ALPHABET}]\d{{6}}[{_USCC_ALPHABET}]{{10}}")
_USCC_SHAPE_LETTER_REGION = re.compile(rf"[ANY][{_USCC_ALPHABET}]{{17}}")
_USCC_WEIGHTS = tuple(3**position % 31 for position in range(17))

_RESIDENT_SHAPE = re.compile(
    r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]"
)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"

_REGION_SHAPE = re.compile(r"[1-9]\d{5}(?:\d{3}){0,2}")


def uscc_check_digit(first17: str) -> str:
    """Check character of a 统一社会信用代码 over its first 17 characters (ISO 7064 MOD 31-3)."""
    total = sum(map(mul, map(_USCC_VALUES.__getitem__, first17), _USCC_WEIGHTS))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def is_uscc(code: str) -> bool:
    """Whether ``code`` is a well-formed 统一社会信用代码, lawful N, Y and A codes included."""
    shaped = _USCC_SHAPE.fullmatch(code) or _USCC_SHAPE_LETTER_REGION.fullmatch(code)
    return bool(shaped) and uscc_check_digit(code[:17]) == code[17]


def is_resident_id(number: str) -> bool:
    """Whether ``number`` is a well-formed 18-digit 公民身份号码."""
    if not _RESIDENT_SHAPE.fullmatch(number):
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(number[:17], _RESIDENT_WEIGHTS, strict=True)
    )
    return _RESIDENT_CHECKS[total % 11] == number[17]


def is_region(code: str) -> bool:
    """Whether ``code`` has the shape of a 行政区划代码: 6, 9 (乡镇街道) or 12 (村社区) digits."""
    return bool(_REGION_SHAPE.fullmatch(code))


def regions_upward(code: str) -> tuple[str, ...]:
    """A region and those above it, nearest first: 450721003 → 450721003, 450721, 450700, 450000."""
    county = code[:6]
    chain = [code, county, county[:4] + "00", county[:2] + "0000"]
    return tuple(dict.fromkeys(chain))
