"""Table files as programs and people leave them, good and bad."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

HEADER = ["XK_WSH", "XK_XDR_MC", "XK_XDR_SHXYM", "XK_JDRQ", "XK_XKJGDM", "XK_NR"]

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def a_row(number: int) -> list[str]:
    """A row whose every cell differs from those of other rows."""
    return [
        f"灵审批许〔2026〕{number}号",
        f"灵山县示例餐饮第{number}有限公司",
        "91450721MA55AMPL13",
        "2026/11/2",
        "11450721XN0721012K",
        f"热食类食品制售{number}",
    ]


def write_csv(path: Path, rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> Path:
    """A CSV file as a spreadsheet program saves it."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def write_xlsx(
    path: Path,
    rows: Iterable[str],
    *,
    strings: Iterable[str] = (),
    dimension: str = "A1",
    sheets: Sequence[str] = ("表",),
    prefix: str = "",
) -> Path:
    """An XLSX file from the XML of its first sheet's rows and of its shared strings."""
    tag = f"{prefix}:" if prefix else ""
    space = f"xmlns{':' + prefix if prefix else ''}='{_MAIN}'"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        archive.writestr(
            "xl/workbook.xml",
            f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>"
            + "".join(
                f"<sheet name='{name}' sheetId='{place}' r:id='r{place}'/>"
                for place, name in enumerate(sheets, start=1)
            )
            + "</sheets></workbook>",
        )
        parts = [("worksheet", f"worksheets/{place}.xml") for place in range(1, len(sheets) + 1)]
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            _relations([*parts, ("sharedStrings", "/xl/sharedStrings.xml")]),
        )
        with archive.open("xl/worksheets/1.xml", "w") as sheet:
            sheet.write(
                f"<{tag}worksheet {space}><{tag}dimension ref='{dimension}'/>"
                f"<{tag}sheetData>".encode()
            )
            for row in rows:
                sheet.write(row.encode())
            sheet.write(f"</{tag}sheetData></{tag}worksheet>".encode())
        for _, other in parts[1:]:
            archive.writestr(f"xl/{other}", f"<worksheet xmlns='{_MAIN}'/>")
        with archive.open("xl/sharedStrings.xml", "w") as shared:
            shared.write(f"<sst xmlns='{_MAIN}'>".encode())
            for text in strings:
                shared.write(f"<si><t>{text}</t></si>".encode())
            shared.write(b"</sst>")
    return path


def inline(number: int, cells: Sequence[str], prefix: str = "") -> str:
    """The XML of a row with its texts inside."""
    tag = f"{prefix}:" if prefix else ""
    return (
        f"<{tag}row r='{number}'>"
        + "".join(
            f"<{tag}c t='inlineStr'><{tag}is><{tag}t>{cell}</{tag}t></{tag}is></{tag}c>"
            for cell in cells
        )
        + f"</{tag}row>"
    )


def shared(number: int, indexes: Iterable[int]) -> str:
    """The XML of a row that names shared strings."""
    cells = "".join(f"<c t='s'><v>{index}</v></c>" for index in indexes)
    return f"<row r='{number}'>{cells}</row>"


def _relations(parts: Sequence[tuple[str, str]]) -> str:
    return (
        "<Relationships>"
        + "".join(
            f"<Relationship Id='r{place}' Type='{_OFFICE}/{kind}' Target='{target}'/>"
            for place, (kind, target) in enumerate(parts, start=1)
        )
        + "</Relationships>"
    )
