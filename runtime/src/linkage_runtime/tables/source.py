"""What every kind of file is read as: numbered lines of text, and how far the reading has come."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from linkage_runtime.errors import PermanentError
from linkage_runtime.faults import Fault

LONGEST_CELL = 32_767
"""Characters; no spreadsheet program takes more."""
LONGEST_LINE = 1 << 20
"""Characters. All fields of the API at their limits are a twentieth of it."""


class UnreadableTableError(PermanentError):
    """The file is no table that we know."""


class Reach:
    """How much of a file has been read, in bytes of whatever is read."""

    def __init__(self, watch: Callable[[int, int], None] | None = None) -> None:
        """``watch`` is told what is done and the total, every few thousand bytes."""
        self._watch = watch
        self.total = self.done = 0

    def expect(self, total: int) -> None:
        """There is so much to read, from its beginning."""
        self.total, self.done = total, 0

    def advance(self, amount: int) -> None:
        """So much more has been read."""
        self.done += amount
        if self._watch and amount:
            self._watch(self.done, self.total)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table."""

    number: int
    """Counted from 1, as a spreadsheet shows it."""
    cells: Sequence[str]
    fault: Fault | None = None
    """Why the line cannot be used; its neighbours can."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table-like part of a file; a CSV file is one."""

    lines: Iterator[Line]
    others: Sequence[str] = ()
    """Names of the other sheets of the workbook."""
