"""A row of the 行政许可 table (XK_*) as a submission to ``POST /v1/decisions``."""

import re
from collections.abc import Mapping
from typing import Any

from linkage_runtime.tables.cells import (
    half_width,
    is_no,
    is_yes,
    iso_date,
    party_of,
    registrations_of,
    several,
    upper,
    without_blanks,
)

KINDS = {
    "准予": "granted",
    "准予许可": "granted",
    "不予": "refused",
    "不予许可": "refused",
    "变更": "amended",
    "延续": "renewed",
    "撤回": "withdrawn",
    "撤销": "annulled",
    "注销": "deregistered",
}

_ACT_DOCUMENT = re.compile(r"决定书[:：]?\s*([^;,;，。\s]+号)")
"""As in 撤销决定书灵审批撤〔2026〕1号."""
ACTS = {"变更", "撤回", "撤销", "注销"}
"""Acts on an earlier decision; the 28 columns give their date as 许可决定日期, the rest in 备注."""

COLUMN_OF = {
    "/party/name": "XK_XDR_MC",
    "/party/kind": "XK_XDR_LB",
    "/party/code": "XK_XDR_SHXYM",
    "/party/id_type": "XK_XDR_ZJLX",
    "/party/id_number": "XK_XDR_ZJHM",
    "/party/legal_representative": "XK_FRDB",
    "/party/legal_representative/name": "XK_FRDB",
    "/party/legal_representative/id_type": "XK_FR_ZJLX",
    "/party/legal_representative/id_number": "XK_FR_ZJHM",
    "/document_title": "XK_XKWS",
    "/document_number": "XK_WSH",
    "/category": "XK_XKLB",
    "/certificate_name": "XK_XKZS",
    "/licence_number": "XK_XKBH",
    "/content": "XK_NR",
    "/accepted_on": "ACCEPTED",
    "/decided_on": "XK_JDRQ",
    "/valid_from": "XK_YXQZ",
    "/valid_until": "XK_YXQZI",
    "/authority": "XK_XKJGDM",
    "/items": "ITEMS",
    "/kind": "KIND",
    "/region": "REGION",
    "/act/on": "XK_JDRQ",
    "/act/document_number": "BZ",
    "/act/ground": "BZ",
    "/act": "KIND",
}
"""Which column a fault's JSON pointer stands for."""


def submission_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """The row in the API's words; a missing document number is the licence number (双公示)."""
    get = cells.get
    representative = without_blanks(
        {
            "name": get("XK_FRDB"),
            "id_type": get("XK_FR_ZJLX"),
            "id_number": upper(get("XK_FR_ZJHM")),
        }
    )
    kind = half_width(get("KIND", "准予"))
    return without_blanks(
        {
            "kind": KINDS.get(kind, kind),
            "authority": upper(get("XK_XKJGDM")),
            "document_number": get("XK_WSH") or get("XK_XKBH"),
            "document_title": get("XK_XKWS"),
            "licence_number": get("XK_XKBH"),
            "certificate_name": get("XK_XKZS"),
            "category": get("XK_XKLB"),
            "content": get("XK_NR"),
            "accepted_on": iso_date(get("ACCEPTED", "")),
            "decided_on": iso_date(get("XK_JDRQ", "")),
            "valid_from": iso_date(get("XK_YXQZ", "")),
            "valid_until": iso_date(get("XK_YXQZI", "")),
            "region": half_width(get("REGION", "")),
            "party": without_blanks(
                party_of(cells, "XK")
                | {
                    "registrations": registrations_of(cells, "XK"),
                    "legal_representative": representative,
                }
            ),
            "items": several(get("ITEMS", "")),
            "commitment": _commitment(get("COMMITMENT", "")),
            "tolerance": _tolerance(get("TOLERANCE", "")),
            "act": _act(cells) if kind in ACTS else None,
            "case_number": get("CASE"),
            "project_code": get("PROJECT"),
        }
    )


def _act(cells: Mapping[str, str]) -> dict[str, Any]:
    note = cells.get("BZ", "")
    named = _ACT_DOCUMENT.search(note)
    return without_blanks(
        {
            "document_number": named[1] if named else cells.get("XK_WSH"),
            "on": iso_date(cells.get("XK_JDRQ", "")),
            "ground": note or cells.get("XK_NR"),
        }
    )


def _commitment(cell: str) -> dict[str, Any] | None:
    if not cell or is_no(cell):
        return None
    return {"text": "按告知承诺书" if is_yes(cell) else cell}


def _tolerance(cell: str) -> dict[str, Any] | None:
    if not cell or is_no(cell):
        return None
    return {"missing": ["按容缺受理单"] if is_yes(cell) else several(cell)}
