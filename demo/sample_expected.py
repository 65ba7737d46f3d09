"""What a correct import of the sample must give: counted while the rows are made."""

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from sample_licences import Row
from sample_plan import KINDS, Special
from sample_world import World

MEANING = {
    "rows": "lines with content below the header; broken + duplicates + good",
    "good": "rows that are accepted; every count below is of these",
    "broken": "rows to be rejected: number as a spreadsheet shows it, reason, column as headed",
    "duplicates": "numbers of rows that repeat an earlier one to the letter: already known",
    "unmappable": "numbers of rows without items, neither named nor mapped: to the pool",
    "multi_item": "rows of several items, named or mapped",
    "back_dated": "decided 50 to 90 days ago on a commitment",
    "off_catalogue": "numbers of rows whose item is on no list: accepted, irregular",
    "commitment_not_allowed": "numbers of rows whose item allows none: accepted, irregular",
    "kinds": "by 决定类型",
    "authorities": "by deciding authority",
}


class Tally:
    """The counts of one file."""

    def __init__(self, *, header_row: int, titles: dict[str, str], coded: bool) -> None:
        self._number = header_row
        self._titles = titles
        self._coded = coded
        self.counts: Counter[str] = Counter()
        self.broken: list[dict[str, int | str]] = []
        self.numbers: dict[str, list[int]] = {"duplicates": []}
        self.kinds: Counter[str] = Counter()
        self.authorities: Counter[str] = Counter()

    def blank(self) -> None:
        """A blank line: it has a number, but is no row."""
        self._number += 1

    def licence(self, row: Row, special: Special, world: World) -> None:
        """A row of a licence table."""
        if not self._is_good(special):
            return
        codes = self._codes(row, world)
        self.numbers.setdefault("unmappable", [])
        self.numbers.setdefault("off_catalogue", [])
        self.numbers.setdefault("commitment_not_allowed", [])
        if not codes:
            self.numbers["unmappable"].append(self._number)
        if special.name in {"off_catalogue", "commitment_not_allowed"}:
            self.numbers[special.name].append(self._number)
        self.counts["natural_persons"] += row["XK_XDR_LB"] == "自然人"
        self.counts["multi_item"] += len(codes) > 1
        self.counts["back_dated"] += special.name == "back_dated"
        self.counts["commitments"] += self._coded and row["COMMITMENT"] == "是"
        self.counts["tolerances"] += special.name == "tolerance"
        self.kinds[special.name if special.name in KINDS else "granted"] += 1
        self.authorities[str(row["XK_XKJGDM"])] += 1

    def penalty(self, row: Row, special: Special) -> None:
        """A row of a penalty table."""
        if self._is_good(special):
            self.counts["natural_persons"] += row["CF_XDR_LB"] == "自然人"
            self.authorities[str(row["CF_CFJGDM"])] += 1

    def as_json(self) -> dict[str, Any]:
        """The counts by name."""
        return (
            {"rows": self.counts["rows"], "good": self.counts["good"], "broken": self.broken}
            | self.numbers
            | {key: n for key, n in self.counts.items() if key not in {"rows", "good"}}
            | ({"kinds": dict(sorted(self.kinds.items()))} if self.kinds else {})
            | {"authorities": dict(sorted(self.authorities.items()))}
        )

    def _is_good(self, special: Special) -> bool:
        self._number += 1
        self.counts["rows"] += 1
        if special.broken:
            column = self._titles.get(special.column, special.column)
            self.broken.append({"row": self._number, "reason": special.broken, "column": column})
            return False
        if special.name == "duplicate":
            self.numbers["duplicates"].append(self._number)
            return False
        self.counts["good"] += 1
        return True

    def _codes(self, row: Row, world: World) -> list[str]:
        if self._coded and row["ITEMS"]:
            return str(row["ITEMS"]).replace("、", ";").split(";")
        authority, certificate, document, content = (
            str(row[column]) for column in ("XK_XKJGDM", "XK_XKZS", "XK_XKWS", "XK_NR")
        )
        return world.mapped(authority, certificate, document, content)


class Expected:
    """The counts of all files."""

    def __init__(self, *, seed: int, today: date) -> None:
        self._run = {"synthetic": True, "seed": seed, "today": str(today)}
        self._tables: dict[str, Tally] = {}

    def table(self, name: str, *, header_row: int, titles: dict[str, str] | None = None) -> Tally:
        """The tally of a new file; one with titles has item codes too."""
        self._tables[name] = Tally(
            header_row=header_row, titles=titles or {}, coded=titles is not None
        )
        return self._tables[name]

    def write(self, path: Path) -> None:
        """Writes expected.json."""
        files = {name: tally.as_json() for name, tally in self._tables.items()}
        document = self._run | {"meaning": MEANING, "files": files}
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")
