"""What is told of an uploaded sheet, row by row: as JSON, or in the sheet itself."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from linkage_runtime.faults import Fault
from supervision_push.adapters.sheets.sheet_columns import ACTS, TITLES, WRONG
from supervision_push.adapters.sheets.sheet_rows import ReadRow
from supervision_push.application.act_by_sheet import RowOutcome, SheetAct

_COLUMN_OF = {
    SheetAct.RECEIVE: "receive",
    SheetAct.RETURN: "return_reason",
    SheetAct.ENROL: "enrol",
    SheetAct.FEED_BACK: "duty",
}
_CHINESE = {"done": "已办理", "known": "此前已办理", "wrong": WRONG, "empty": "未填写"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """One row and what became of it."""

    row: ReadRow
    acts: RowOutcome

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was wrong with the row, and what its push would not do."""
        number = self.row.number
        refused = (_refusal(number, act, why) for act, why in self.acts.refused.items())
        return self.row.faults + tuple(refused)

    @property
    def outcome(self) -> str:
        """One word: ``wrong`` if anything was, else whether anything was new."""
        if self.faults:
            return "wrong"
        return "done" if self.acts.done else "known" if self.acts.known else "empty"

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "row": self.row.number,
            "push_id": self.row.cells.get("push_id"),
            "outcome": self.outcome,
            "done": self.acts.done,
            "known": self.acts.known,
            "errors": [
                {"column": fault.pointer.rpartition("/")[2], **fault.as_dict()}
                for fault in self.faults
            ],
        }

    def as_cells(self) -> dict[str, str]:
        """The row as it was sent, with its outcome."""
        remarks = [f"{ACTS[act]}:{_CHINESE['done']}" for act in self.acts.done]
        remarks += [f"{ACTS[act]}:{_CHINESE['known']}" for act in self.acts.known]
        remarks += [
            f"{fault.pointer.rpartition('/')[2]}:{fault.zh},{fault.remedy_zh} "
            f"({fault.en}: {fault.remedy_en})"
            for fault in self.faults
        ]
        told = {"outcome": _CHINESE[self.outcome], "remarks": ";".join(remarks)}
        return {**self.row.cells, **told}


def told_rows(rows: Iterable[ReadRow], acts: Mapping[int, RowOutcome]) -> list[ToldRow]:
    """Each row with what became of it."""
    return [ToldRow(row=row, acts=acts.get(row.number, RowOutcome())) for row in rows]


def counts(rows: Iterable[ToldRow]) -> dict[str, int]:
    """How many rows ended how."""
    return dict.fromkeys(_CHINESE, 0) | Counter(row.outcome for row in rows)


def summary(rows: Iterable[ToldRow]) -> str:
    """The counts as a sentence for the sheet."""
    return ",".join(f"{_CHINESE[name]} {count} 行" for name, count in counts(rows).items())


def _refusal(number: int, act: SheetAct, why: str) -> Fault:
    zh, _, en = why.rstrip(")").partition(" (")
    return Fault(
        pointer=f"/{number}/{TITLES[_COLUMN_OF[act]]}",
        rule="refused",
        zh=zh,
        en=en,
        remedy_zh="请重新下载待办表核对",
        remedy_en="download the sheet again and compare",
    )
