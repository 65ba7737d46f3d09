"""What every API demands of text and days that are sent to it, before any rule of its own."""

import re
from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

from linkage_contracts.identity import is_resident_id

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
"""Beyond lie slips of the hand, and dates that neither a calendar nor MongoDB can reckon with."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
# Zero-width and direction marks come along when a number is copied from a page or a document.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")

_LIKE_RESIDENT_ID = re.compile(r"(?<!\d)\d{17}[\dXx]")


def plausible(day: date) -> date:
    """The day, if it can be meant."""
    if not EARLIEST <= day <= LATEST:
        raise PydanticCustomError("date_out_of_range", "not a plausible date: check the year")
    return day


def _written(value: object) -> object:
    # Pydantic alone would take a number, 20261125 as well, for seconds since 1970.
    if isinstance(value, int | float):
        raise PydanticCustomError("date_parsing", "not a date: write YYYY-MM-DD")
    return value


def _plausible_moment(moment: datetime) -> datetime:
    plausible(moment.date())
    return moment


PlausibleDay = Annotated[date, AfterValidator(plausible), BeforeValidator(_written)]
PlausibleMoment = Annotated[AwareDatetime, AfterValidator(_plausible_moment)]


def without_controls(text: str) -> str:
    """Running text without control characters, which no XML that reports it on could carry."""
    return text if text.isprintable() else _CONTROLS.sub("", text)


def without_unseen(text: str) -> str:
    """A number or code without any character that nobody sees: two that look alike are one."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def no_resident_id(clerk: str) -> str:
    """Who acted, as their organisation names them: that stands in clear, on logs and for ever."""
    if is_resident_id(clerk.strip().upper()):
        raise ValueError(
            "请填账号或工号,勿填身份证号 (an account or staff number, never an id number)"
        )
    return clerk


def no_resident_id_within(text: str) -> str:
    """Running text about a person that stands on logs in clear."""
    if any(is_resident_id(found.group().upper()) for found in _LIKE_RESIDENT_ID.finditer(text)):
        raise ValueError("请删去身份证号 (leave id numbers out)")
    return text
