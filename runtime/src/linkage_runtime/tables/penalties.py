"""A row of the 行政处罚 table (CF_*) as a submission to ``POST /v1/results``."""

from collections.abc import Mapping
from typing import Any

from linkage_runtime.tables.cells import (
    half_width,
    iso_date,
    party_of,
    several,
    upper,
    without_blanks,
    yuan,
)

KINDS = {
    "警告": "01",
    "罚款": "02",
    "没收违法所得": "03",
    "责令停产停业": "04",
    "吊销许可证": "05",
    "吊销执照": "05",
    "行政拘留": "06",
    "其他": "07",
    "通报批评": "08",
    "没收非法财物": "09",
    "降低资质等级": "10",
    "暂扣许可证": "11",
    "限制开展经营活动": "12",
    "限制从业": "13",
    "责令关闭": "14",
}

COLUMN_OF = {
    "/party/name": "CF_XDR_MC",
    "/party/kind": "CF_XDR_LB",
    "/party/code": "CF_XDR_SHXYM",
    "/party/id_type": "CF_XDR_ZJLX",
    "/party/id_number": "CF_XDR_ZJHM",
    "/document_number": "CF_WSH",
    "/violation": "CF_WFXW",
    "/summary": "CF_SY",
    "/basis": "CF_YJ",
    "/kinds": "CF_CFLB",
    "/fine": "CF_NR_FK",
    "/confiscated": "CF_NR_WFFF",
    "/licence_affected": "CF_NR_ZKDX",
    "/found_on": "CF_JDRQ",
    "/public_until": "CF_GSJZQ",
    "/supervisor": "CF_CFJGDM",
}


def submission_of(cells: Mapping[str, str]) -> dict[str, Any]:
    """The row in the API's words; amounts in 万元 become yuan."""
    get = cells.get
    return without_blanks(
        {
            "type": "penalty",
            "supervisor": upper(get("CF_CFJGDM")),
            "found_on": iso_date(get("CF_JDRQ", "")),
            "summary": get("CF_SY"),
            "document_number": get("CF_WSH"),
            "party": party_of(cells, "CF"),
            "kinds": [_kind(kind) for kind in several(get("CF_CFLB", ""))],
            "violation": get("CF_WFXW"),
            "basis": get("CF_YJ"),
            "fine": yuan(get("CF_NR_FK", "0")),
            "confiscated": yuan(get("CF_NR_WFFF", "0")),
            "licence_affected": get("CF_NR_ZKDX"),
            "public_until": iso_date(get("CF_GSJZQ", "")),
        }
    )


def _kind(cell: str) -> str:
    # One digit where the table asks for two.
    return KINDS.get(cell, half_width(cell).zfill(2) if half_width(cell).isdigit() else cell)
