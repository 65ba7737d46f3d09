"""The shared strings of an XLSX file, on disk: a column of names is as long as its table.

openpyxl holds them in memory, about 1 KB for each row of a 双公示 table.
"""

from array import array
from bisect import bisect_right
from collections import OrderedDict
from tempfile import TemporaryFile
from typing import Self

_BLOCK_CHARACTERS = 1 << 13
_BLOCKS_IN_MEMORY = 16


class SharedStrings:
    """Strings by number, in blocks; the blocks last asked for stay in memory.

    A spreadsheet numbers strings in the order in which its rows use them, so that the few blocks
    around the row being read, and those of words that recur, answer nearly every question.
    """

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 -- closed by this object's own exit
        self._firsts = array("Q")
        """The number of each block's first string."""
        self._places = array("Q", [0])
        self._pending: list[str] = []
        self._characters = self._count = 0
        self._recent: OrderedDict[int, list[str]] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def append(self, text: str) -> None:
        """Add the next string."""
        self._pending.append(text)
        self._characters += len(text)
        self._count += 1
        if self._characters + len(self._pending) >= _BLOCK_CHARACTERS:
            self.complete()

    def complete(self) -> None:
        """Write what is pending; to be called after the last string."""
        if not self._pending:
            return
        self._firsts.append(self._count - len(self._pending))
        # NUL cannot occur in XML.
        self._places.append(self._places[-1] + self._file.write("\0".join(self._pending).encode()))
        self._pending, self._characters = [], 0

    def __getitem__(self, number: int) -> str:
        """The string with this number.

        Raises:
            IndexError: there is none.
        """
        if not 0 <= number < self._count:
            raise IndexError(number)
        block = bisect_right(self._firsts, number) - 1
        return self._strings(block)[number - self._firsts[block]]

    def _strings(self, block: int) -> list[str]:
        strings = self._recent.get(block)
        if strings is None:
            begin, end = self._places[block : block + 2]
            self._file.seek(begin)
            strings = self._recent[block] = self._file.read(end - begin).decode().split("\0")
            if len(self._recent) > _BLOCKS_IN_MEMORY:
                self._recent.popitem(last=False)
        else:
            self._recent.move_to_end(block)
        return strings
