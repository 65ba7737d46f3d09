"""How serious a penalty is (失信信息分级), as a scorecard's file says it."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from credit.domain.facts import Sanction
from linkage_contracts.codes import PenaltyKind

Whole = Annotated[int, Field(strict=True)]
"""YAML's ``yes`` would be 1 without it."""


class Entry(BaseModel):
    """A line of the file; an unknown field is a mistake of whoever wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Seriousness(StrEnum):
    """轻微 / 一般 / 严重, the three classes of 失信信息 in the repair rules (DOMAIN.md §4.2)."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"


class Grade(Entry):
    """What makes a penalty of one seriousness: its kinds, or a fine from so many yuan on."""

    kinds: tuple[PenaltyKind, ...] = ()
    fine_at_least: Decimal | None = Field(default=None, gt=0)

    def fits(self, sanction: Sanction) -> bool:
        """Whether a penalty is of this grade."""
        fined = self.fine_at_least is not None and sanction.fine >= self.fine_at_least
        return fined or not set(self.kinds).isdisjoint(sanction.kinds)


class PenaltyGrades(Entry):
    """How penalties are graded; the gravest that fits holds, and what fits neither is minor."""

    serious: Grade
    ordinary: Grade

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if both := sorted(set(self.serious.kinds) & set(self.ordinary.kinds)):
            msg = f"kinds: {', '.join(both)} 同时列为严重和一般 (both serious and ordinary)"
            raise ValueError(msg)
        serious, ordinary = self.serious.fine_at_least, self.ordinary.fine_at_least
        if serious is not None and ordinary is not None and serious <= ordinary:
            msg = "fine_at_least: 严重须高于一般 (the serious fine must be the higher)"
            raise ValueError(msg)
        return self

    def grade(self, sanction: Sanction) -> Seriousness:
        """How serious a penalty is."""
        if self.serious.fits(sanction):
            return Seriousness.SERIOUS
        return Seriousness.ORDINARY if self.ordinary.fits(sanction) else Seriousness.MINOR
