"""Text as departments type it, made one: half width, no stray blanks, one spelling of a date.

The types here are used by the models of what is sent: two spellings of one document are one.
"""

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError

from linkage_runtime.sent import no_resident_id, plausible, without_controls, without_unseen

UNLIMITED = date(2099, 12, 31)
"""How the 双公示 tables write 长期."""
_FOR_EVER = "9999-12-31"
"""How many databases write it: an assumption."""

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")


def half_width(text: str) -> str:
    """Full-width letters, digits and punctuation in half width."""
    return text.translate(_HALF_WIDTH)


def squeezed(text: str) -> str:
    """Half width and without any blanks, as numbers and codes are compared."""
    return "".join(half_width(without_unseen(text)).split())


def _line(value: object) -> object:
    return without_controls(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    return squeezed(value) if isinstance(value, str) else value


def _code(value: object) -> object:
    return squeezed(value).upper() if isinstance(value, str) else value


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _day(value: object) -> object:
    if type(value) is date or value is None:
        return value
    # Pydantic alone would also take numbers, as seconds since 1970.
    if isinstance(value, str) and (found := _DAY.fullmatch(squeezed(value))):
        try:
            day = date(*map(int, found.groups()))
        except ValueError:
            pass
        else:
            return plausible(day)
    raise PydanticCustomError("date_parsing", "not a date: write YYYY-MM-DD")


def _none_if_for_ever(value: object) -> object:
    return None if isinstance(value, str) and value.strip() == _FOR_EVER else value


def _none_if_unlimited(value: date | None) -> date | None:
    return None if value == UNLIMITED else value


# Constraints stand before the validators, so that pydantic names their breach as one of a string.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=256),
    BeforeValidator(_line),
]
Clerk = Annotated[Line, AfterValidator(no_resident_id)]
Prose = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000),
    BeforeValidator(_line),
]
Number = Annotated[str, StringConstraints(min_length=1, max_length=128), BeforeValidator(_number)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64), BeforeValidator(_code)]
OptionalLine = Annotated[Line | None, BeforeValidator(_none_if_blank)]
OptionalNumber = Annotated[Number | None, BeforeValidator(_none_if_blank)]
OptionalCode = Annotated[Code | None, BeforeValidator(_none_if_blank)]
Day = Annotated[date, BeforeValidator(_day)]
OptionalDay = Annotated[date | None, BeforeValidator(_day), BeforeValidator(_none_if_blank)]
UntilDay = Annotated[
    OptionalDay, AfterValidator(_none_if_unlimited), BeforeValidator(_none_if_for_ever)
]
Digest = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[0-9A-Fa-f]{64}$"),
]
