"""One licence table as a stream of lines: ordinary and special rows, repeats, blank lines."""

from collections import deque
from collections.abc import Iterator
from random import Random

from sample_expected import Tally
from sample_files import Untidiness
from sample_licences import Cell, Licences, Row
from sample_penalties import Licensed, licensed
from sample_plan import ORDINARY, Special, plan
from sample_specials import Specials, may_be_referred_to
from sample_world import World

Earlier = deque[tuple[Row, list[Cell]]]
_PENALISABLE = 3000  # licences kept in memory for penalties, however long the table is


class Tables:
    """Makes the lines of licence tables; parties and numbers go on from one table to the next."""

    def __init__(self, rng: Random, world: World, licences: Licences, broken: float) -> None:
        self._rng = rng
        self._world = world
        self._broken = broken
        self._specials = Specials(licences)
        self.penalisable: list[Licensed] = []

    def lines(
        self,
        rows: int,
        columns: list[str],
        shares: dict[str, float],
        tally: Tally,
    ) -> Iterator[list[Cell]]:
        """So many rows as cells in this order, with a blank line (an empty list) here and there."""
        is_plain = "ITEMS" not in columns
        untidy = Untidiness(self._rng, excel=not is_plain)
        specials = plan(self._rng, rows, shares, self._broken)
        earlier: Earlier = deque(maxlen=60)
        for place in range(rows):
            special = specials.get(place, ORDINARY)
            if special.name == "duplicate":
                row, cells = self._take(earlier)
            else:
                row = self._row(special, earlier, is_plain=is_plain)
                cells = untidy.cells(row, columns, quirks=special == ORDINARY)
            tally.licence(row, special, self._world)
            if special == ORDINARY:
                self._remember(row, cells, earlier)
            yield cells
            if place == rows // 2 or untidy.is_followed_by_a_blank_line():
                tally.blank()
                yield []

    def _row(self, special: Special, earlier: Earlier, *, is_plain: bool) -> Row:
        if special == ORDINARY:
            row = self._specials.ordinary(with_industry=is_plain)
            return self._as_in_pubei(row) if is_plain else row
        if self._specials.refers_back(special):
            return self._specials.act(special, self._take(earlier)[0])
        return self._specials.make(special)

    def _as_in_pubei(self, row: Row) -> Row:
        """浦北县 writes the certificate into the document's title in half its plain rows."""
        is_pubei = row["XK_XKJGDM"] == self._world.approving["450722"].id
        if not is_pubei or not row["XK_XKZS"] or self._rng.choice((True, False)):
            return row
        return row | {"XK_XKZS": "", "XK_XKWS": f"{row['XK_XKZS']}核发决定书"}

    def _remember(self, row: Row, cells: list[Cell], earlier: Earlier) -> None:
        if may_be_referred_to(row):
            earlier.append((row, cells))
        if len(self.penalisable) < _PENALISABLE and (entry := licensed(row, self._world)):
            self.penalisable.append(entry)

    def _take(self, earlier: Earlier) -> tuple[Row, list[Cell]]:
        # used up: nothing else may repeat or change the same row
        index = self._rng.randrange(len(earlier))
        taken = earlier[index]
        del earlier[index]
        return taken
