"""Reads the generated sample without the generator's help, and counts what expected.json says."""

import csv
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.identity import UNKNOWN_USCC, is_resident_id, is_uscc

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 23)
CODE = "行政相对人代码_1(统一社会信用代码)"
OFFICIAL = (
    "行政相对人名称",
    "行政相对人类别",
    CODE,
    "行政相对人代码_2(工商注册号)",
    "行政相对人代码_3(组织机构代码)",
    "行政相对人代码_4(税务登记号)",
    "行政相对人代码_5(事业单位证书号)",
    "行政相对人代码_6(社会组织登记证号)",
    "法定代表人",
    "法定代表人证件类型",
    "法定代表人证件号码",
    "自然人证件类型",
    "证件号码",
    "行政许可决定文书名称",
    "行政许可决定文书号",
    "许可类别",
    "许可证书名称",
    "许可编号",
    "许可内容",
    "许可决定日期",
    "有效期自",
    "有效期至",
    "许可机关",
    "许可机关统一社会信用代码",
    "当前状态",
    "数据来源单位",
    "数据来源单位统一社会信用代码",
    "备注",
)
"""The 28 official columns in the standard's order."""

Record = dict[str, str]
Table = dict[int, Record]
"""Rows by the number that a spreadsheet shows."""


@cache
def catalogue() -> Catalogue:
    document: dict[str, Any] = {}
    for name in ("authorities", "items", "mappings"):
        text = (ROOT / f"deploy/catalogue/{name}.yaml").read_text("utf-8")
        document |= yaml.safe_load(text)
    return Catalogue.model_validate(document)


@cache
def table(sample: Path, name: str) -> Table:
    """The rows below the header, by Chinese title (licences) or official code (penalties)."""
    rows = list(_workbook(sample / name)) if name.endswith("xlsx") else list(_csv(sample / name))
    top = next(n for n, row in enumerate(rows) if len(row) > 20)
    heads = OFFICIAL if name == "licences-plain.csv" else rows[top]
    return {
        number: dict(zip(heads, row, strict=True))
        for number, row in enumerate(rows, start=1)
        if number > top + 1 and any(row)
    }


def _workbook(path: Path) -> Sequence[list[str]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.values]
    return [row if any(row[1:]) else [cell for cell in row if cell] for row in rows]


def _csv(path: Path) -> Sequence[list[str]]:
    encoding = "gb18030" if "plain" in path.name else "utf-8-sig"
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


def tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def day(text: str) -> date:
    return date.fromisoformat(text[:10].replace("/", "-"))


def faults(row: Record) -> list[str]:
    """What is wrong with a row of either licence table, found without the generator's help."""
    code = tidy(row[CODE])
    number = tidy(row["证件号码"])
    found = {
        "uscc_check_digit": bool(code) and code != UNKNOWN_USCC and not is_uscc(code),
        "resident_id_check_digit": row["自然人证件类型"] == "身份证" and not is_resident_id(number),
        "validity_reversed": day(row["有效期至"]) < day(row["有效期自"]),
        "decision_in_future": day(row["许可决定日期"]) > TODAY,
        "document_number_missing": not row["行政许可决定文书号"],
        "party_name_missing": not row["行政相对人名称"],
    }
    return [reason for reason, is_found in found.items() if is_found]


def codes_of(row: Record) -> tuple[str, ...]:
    if named := tidy(row.get("事项编码", "")):
        return tuple(re.split("[、;]", named))
    return catalogue().items_for(
        row["许可机关统一社会信用代码"],
        certificate=row["许可证书名称"],
        document=row["行政许可决定文书名称"],
        content=row["许可内容"],
    )


def recount(rows: Table) -> dict[str, Any]:
    """What expected.json says of a licence table, counted from the file alone."""
    broken = {number: faults(row) for number, row in rows.items() if faults(row)}
    seen: set[tuple[str, ...]] = set()
    repeated: list[int] = []
    for number, row in rows.items():
        if tuple(row.values()) in seen:
            repeated.append(number)
        seen.add(tuple(row.values()))
    good = {n: row for n, row in rows.items() if n not in broken and n not in repeated}
    codes = {number: codes_of(row) for number, row in good.items()}
    items = catalogue().item_by_code
    promised = [number for number, row in good.items() if row.get("告知承诺") == "是"]
    listed = [number for number in promised if set(codes[number]) <= items.keys()]
    return {
        "rows": len(rows),
        "good": len(good),
        "broken": [(number, *reasons) for number, reasons in broken.items()],
        "duplicates": repeated,
        "unmappable": [number for number in good if not codes[number]],
        "off_catalogue": [n for n in good if not set(codes[n]) <= items.keys()],
        "commitment_not_allowed": [
            n for n in listed if not all(items[code].commitment for code in codes[n])
        ],
        "natural_persons": sum(row["行政相对人类别"] == "自然人" for row in good.values()),
        "multi_item": sum(len(found) > 1 for found in codes.values()),
        "back_dated": sum(TODAY - day(r["许可决定日期"]) > timedelta(40) for r in good.values()),
        "commitments": len(promised),
        "tolerances": sum(row.get("容缺受理", "") not in {"", "否"} for row in good.values()),
    }
