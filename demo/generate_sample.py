"""Makes the sample: tables as departments export them, and what importing them must give.

    python demo/generate_sample.py --out DIR [--seed 20261123] [--rows 2000] [--today 2026-11-23]

Writes licences.xlsx (title rows, Chinese column titles, item codes), licences-plain.csv (GB18030,
the 28 official columns only), penalties.csv (UTF-8 with BOM, CF_*) and expected.json. The same
arguments give the same bytes. All of it is synthetic: no real person or company.
"""

import argparse
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path
from random import Random

from sample_columns import EXTRA_TITLES, LICENCE_TITLES, PENALTY_COLUMNS
from sample_expected import Expected
from sample_files import Untidiness, write_csv, write_workbook
from sample_licences import Cell, Licences
from sample_penalties import Penalties
from sample_plan import ORDINARY, PLAIN_SHARES, SHARES
from sample_table import Tables
from sample_world import Days, World

_HERE = Path(__file__).resolve().parent
_DEPLOY = _HERE.parent / "deploy"
_PLAIN_SHARE = 0.15
_PENALTY_SHARE = 0.03
_LEAST_ROWS = 200


class Sample:
    """One run: all files draw on one sequence of chances, so their order matters."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._out: Path = arguments.out
        self._seed: int = arguments.seed
        self._broken: float = arguments.broken_share
        self._rng = Random(self._seed)
        self._world = World(arguments.catalogue, _HERE / "sample_profiles.yaml")
        self._days = Days(arguments.calendar, arguments.today)
        licences = Licences(self._rng, self._world, self._days)
        self._tables = Tables(self._rng, self._world, licences, self._broken)
        self._expected = Expected(seed=self._seed, today=arguments.today)

    def write(self, rows: int) -> None:
        """Writes the four files."""
        self._out.mkdir(parents=True, exist_ok=True)
        plain = round(rows * _PLAIN_SHARE)
        self._write_licences(rows - plain)
        self._write_plain_licences(plain)
        self._write_penalties(round(rows * _PENALTY_SHARE))
        self._expected.write(self._out / "expected.json")

    def _write_licences(self, rows: int) -> None:
        name = "licences.xlsx"
        titles = LICENCE_TITLES | EXTRA_TITLES
        columns = list(titles)
        self._rng.shuffle(columns)
        note = (
            f"合成数据 SYNTHETIC：由 demo/generate_sample.py 生成，种子 {self._seed}；"
            "不含任何真实的个人、企业或许可"
        )
        top: list[list[Cell]] = [
            ["行政许可双公示信息表（钦州市及所辖县区）"],
            [note],
            [titles[column] for column in columns],
        ]
        tally = self._expected.table(name, header_row=len(top), titles=titles)
        body = self._tables.lines(rows, columns, SHARES, tally)
        write_workbook(self._out / name, chain(top, body))

    def _write_plain_licences(self, rows: int) -> None:
        name = "licences-plain.csv"
        columns = list(LICENCE_TITLES)
        tally = self._expected.table(name, header_row=1)
        body = self._tables.lines(rows, columns, PLAIN_SHARES, tally)
        write_csv(self._out / name, "gb18030", chain([list[Cell](columns)], body))

    def _write_penalties(self, rows: int) -> None:
        name = "penalties.csv"
        lines = chain([list[Cell](PENALTY_COLUMNS)], self._penalties(name, rows))
        write_csv(self._out / name, "utf-8-sig", lines)

    def _penalties(self, name: str, rows: int) -> Iterator[list[Cell]]:
        tally = self._expected.table(name, header_row=1)
        untidy = Untidiness(self._rng, excel=False)
        penalties = Penalties(self._rng, self._world, self._days)
        cells: list[Cell] = []
        for row, special in penalties.lines(self._tables.penalisable, rows, self._broken):
            tally.penalty(row, special)
            if special.name != "duplicate":
                cells = untidy.cells(row, PENALTY_COLUMNS, quirks=special == ORDINARY)
            yield cells


def main() -> None:
    """Reads the command line and writes the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, required=True, help="folder for the four files")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--rows", type=int, default=2000, help="licences in both tables")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 11, 23))
    parser.add_argument("--broken-share", type=float, default=0.01)
    parser.add_argument("--catalogue", type=Path, default=_DEPLOY / "catalogue")
    parser.add_argument("--calendar", type=Path, default=_DEPLOY / "calendar")
    arguments = parser.parse_args()
    if arguments.rows < _LEAST_ROWS:
        parser.error(f"--rows: at least {_LEAST_ROWS}, so that every kind of row occurs")
    Sample(arguments).write(arguments.rows)
    print(f"{arguments.out}: licences.xlsx, licences-plain.csv, penalties.csv, expected.json")


if __name__ == "__main__":
    main()
