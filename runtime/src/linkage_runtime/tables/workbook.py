"""What stands around the sheets of an XLSX file: their names and places, which styles are dates."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zipfile import ZipFile

from openpyxl.styles.numbers import is_date_format

from linkage_runtime.tables.xml_parts import starts_in

# ECMA-376 part 1, 18.8.30; 27-36 and 50-58 are dates where the language is Chinese.
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_SINCE_1900, _SINCE_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Workbook:
    """Where to find what."""

    sheets: Mapping[str, str]
    """Part by name of each sheet that is not hidden, in order."""
    strings: str | None
    """Part of the shared strings."""
    date_styles: frozenset[str]
    """As cells name them."""
    day_zero: date


def workbook_of(archive: ZipFile) -> Workbook:
    """Read what stands around the sheets.

    Raises:
        KeyError: the archive holds no spreadsheet.
    """
    main = dict(_related(archive, "").values())["officeDocument"]
    related = _related(archive, main)
    parts = dict(related.values())
    shown, day_zero = {}, _SINCE_1900
    for name, attributes in starts_in(archive, main):
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            key = next(value for at, value in attributes.items() if at.endswith(":id"))
            shown[attributes["name"]] = related[key][1]
        elif name == "workbookPr" and attributes.get("date1904") in {"1", "true"}:
            day_zero = _SINCE_1904
    styles = _date_styles(archive, parts["styles"]) if "styles" in parts else frozenset()
    return Workbook(shown, parts.get("sharedStrings"), styles, day_zero)


def _related(archive: ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """By key, the kind and the part of everything that a part refers to."""
    folder, name = posixpath.split(part)
    return {
        attributes["Id"]: (
            attributes["Type"].rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, attributes["Target"])).lstrip("/"),
        )
        for element, attributes in starts_in(
            archive, posixpath.join(folder, "_rels", f"{name}.rels")
        )
        if element == "Relationship" and attributes.get("TargetMode") != "External"
    }


def _date_styles(archive: ZipFile, part: str) -> frozenset[str]:
    own: dict[str, bool] = {}
    styles: list[bool] = []
    inside = False
    for name, attributes in starts_in(archive, part):
        if name == "numFmt":
            own[attributes["numFmtId"]] = bool(is_date_format(attributes["formatCode"]))
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles"}:
            inside = name == "cellXfs"
        elif name == "xf" and inside:
            number = attributes.get("numFmtId", "0")
            styles.append(own.get(number, number.isdigit() and int(number) in _DATE_FORMATS))
    return frozenset(str(style) for style, is_date in enumerate(styles) if is_date)
