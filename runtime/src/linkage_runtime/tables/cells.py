"""Cells as departments fill them in, turned into the words of the APIs.

What cannot be understood is passed on as it stands: the API is the one place that judges, and its
answer names the field.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

PARTY_KINDS = {
    "法人及非法人组织": "legal_person",
    "法人": "legal_person",
    "非法人组织": "unincorporated",
    "自然人": "natural_person",
    "个体工商户": "individual_business",
    # One system's codes (DOMAIN.md §1.1).
    "01": "natural_person",
    "02": "legal_person",
    "03": "unincorporated",
    "04": "individual_business",
}
_YES = {"是", "Y", "YES", "1", "TRUE", "√"}
_NO = {"否", "N", "NO", "0", "FALSE", "无", "×"}
_DATE = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_SERIAL = re.compile(r"[2-7]\d{4}")
"""A date whose cell is formatted as a number; five digits are no date otherwise. 1954 to 2119."""
_SERIAL_ZERO = date(1899, 12, 30)
_SEPARATORS = re.compile(r"[、,;，；\s]+")
_YUAN_PER_WAN = 10_000


def half_width(text: str) -> str:
    """Full-width letters and digits in half width, surrounding space gone."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()


@lru_cache(maxsize=4_096)
def iso_date(text: str) -> str:
    """``2026/1/5``, ``2026年1月5日``, ``20260105``, ``46027`` as ``2026-01-05``; others unchanged.

    The last is how a spreadsheet counts days.
    """
    plain = half_width(text)
    if found := _DATE.fullmatch(plain):
        year, month, day = found.groups()
        return f"{year}-{int(month):02}-{int(day):02}"
    if _SERIAL.fullmatch(plain):
        return (_SERIAL_ZERO + timedelta(days=int(plain))).isoformat()
    return plain


def several(text: str) -> list[str]:
    """A cell that holds one or more values."""
    return [part for part in _SEPARATORS.split(half_width(text)) if part]


def is_yes(text: str) -> bool:
    """Whether a 是/否 cell says 是."""
    return half_width(text).upper() in _YES


def is_no(text: str) -> bool:
    """Whether a 是/否 cell says 否."""
    return half_width(text).upper() in _NO


def yuan(wan: str) -> str:
    """An amount in 万元 as yuan; what is no number is passed on."""
    try:
        return str(Decimal(half_width(wan)) * _YUAN_PER_WAN)
    except InvalidOperation:
        return wan


def party_of(cells: Mapping[str, str], prefix: str) -> dict[str, Any]:
    """The party columns of a licence (``XK``) or penalty (``CF``) row."""
    kind = cells.get(f"{prefix}_XDR_LB", "")
    return without_blanks(
        {
            "kind": PARTY_KINDS.get(half_width(kind), kind),
            "name": cells.get(f"{prefix}_XDR_MC"),
            "code": upper(cells.get(f"{prefix}_XDR_SHXYM")),
            "id_type": cells.get(f"{prefix}_XDR_ZJLX"),
            "id_number": upper(cells.get(f"{prefix}_XDR_ZJHM")),
        }
    )


def registrations_of(cells: Mapping[str, str], prefix: str) -> dict[str, str]:
    """The older codes of a party, by official column suffix."""
    return {
        suffix: half_width(cells[column])
        for suffix in ("GSZC", "ZZJG", "SWDJ", "SYDW", "SHZZ")
        if (column := f"{prefix}_XDR_{suffix}") in cells
    }


def upper(text: str | None) -> str | None:
    """A code in half-width upper case."""
    return half_width(text).upper() if text else None


def without_blanks(fields: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the row does not say."""
    return {name: value for name, value in fields.items() if value}
