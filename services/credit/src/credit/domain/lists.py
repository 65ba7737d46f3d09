"""Lists (名单): what each is for, how long an entry stays, how it ends; configuration, no law."""

from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from credit.domain.grades import Entry
from credit.domain.repair import plus_months


class ListKind(StrEnum):
    """严重失信 / 行业红名单 / 行业黑名单 / 投标预选 / 预选淘汰."""

    SERIOUS_VIOLATION = "serious_violation"
    RED = "red"
    BLACK = "black"
    PRESELECTION = "preselection"
    """投标人预选: the bidders from whom is chosen, unless another list eliminates them."""
    PRESELECTION_ELIMINATED = "preselection_eliminated"
    """预选库淘汰: who was eliminated from a bidders' preselection, and may not bid from it."""


class ListRules(Entry):
    """One list."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")
    kind: ListKind
    title: str = Field(min_length=1)
    ground: str = Field(min_length=1)
    """The text that founds the list, or that it is an example."""
    term_months: int = Field(ge=1, le=120)
    exit_after_months: int = Field(ge=0, le=120)
    """From when on removal may be sought before the term ends."""
    suspended_by_objection: bool = False
    eliminated_by: tuple[str, ...] = ()
    """Of a preselection: codes of the lists that eliminate from it (淘汰)."""

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.exit_after_months > self.term_months:
            msg = "exit_after_months: 不得超过 term_months (must not be beyond the term)"
            raise ValueError(msg)
        if self.eliminated_by and self.kind is not ListKind.PRESELECTION:
            msg = "eliminated_by: 仅用于 kind: preselection (only of a preselection)"
            raise ValueError(msg)
        return self

    @property
    def is_adverse(self) -> bool:
        """Whether standing on it speaks against a party."""
        return self.kind not in {ListKind.RED, ListKind.PRESELECTION}

    def until(self, entered_on: date) -> date:
        """The day from which an entry no longer counts, by itself."""
        return plus_months(entered_on, self.term_months)

    def exit_from(self, entered_on: date) -> date:
        """The first day on which removal may be sought."""
        return plus_months(entered_on, self.exit_after_months)


class Lists(Entry):
    """All lists of a place."""

    lists: tuple[ListRules, ...]

    @model_validator(mode="after")
    def _once(self) -> Self:
        codes = [each.code for each in self.lists]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            msg = f"lists: {', '.join(twice)} 重复 (appears twice)"
            raise ValueError(msg)
        named = {code for each in self.lists for code in each.eliminated_by}
        adverse = {each.code for each in self.lists if each.is_adverse}
        if stray := sorted(named - adverse):
            msg = f"eliminated_by: {', '.join(stray)} 不是惩戒名单 (no adverse list)"
            raise ValueError(msg)
        return self

    def of_code(self, code: str) -> ListRules | None:
        """The rules of one list."""
        return next((each for each in self.lists if each.code == code), None)
