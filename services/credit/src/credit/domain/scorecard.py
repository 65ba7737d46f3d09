"""A scorecard (评分表): versioned configuration that says what facts are worth; never law."""

from typing import Self

from pydantic import Field, model_validator

from credit.domain.criteria import Criterion, Entry, HardRule, PenaltyGrades
from linkage_contracts.codes import RiskClass

_CLASSES = tuple(RiskClass)


class Band(Entry):
    """A class and the highest total of points that it takes; the last band is open."""

    risk_class: RiskClass
    at_most: int | None = None


class Scorecard(Entry):
    """One version of one domain's scorecard."""

    version: str = Field(pattern=r"^[a-z][a-z-]*-\d{4}\.\d+$")
    domain: str = Field(pattern=r"^[a-z][a-z-]*$")
    title: str = Field(min_length=1)
    penalty_grades: PenaltyGrades
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    hard_rules: tuple[HardRule, ...] = ()
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.version.rpartition("-")[0] != self.domain:
            msg = f"version: 须以 {self.domain}- 开头 (a version is its domain, year and number)"
            raise ValueError(msg)
        codes = [line.code for line in (*self.criteria, *self.hard_rules)]
        if repeated := sorted({code for code in codes if codes.count(code) > 1}):
            msg = f"code: {', '.join(repeated)} 重复 (appears twice)"
            raise ValueError(msg)
        limits = [band.at_most for band in self.bands[:-1] if band.at_most is not None]
        if tuple(band.risk_class for band in self.bands) != _CLASSES:
            msg = "bands: 须依次为 A、B、C、D (must be A, B, C, D, in this order)"
            raise ValueError(msg)
        complete = len(limits) == len(self.bands) - 1 and self.bands[-1].at_most is None
        if not complete or limits != sorted(set(limits)):
            msg = "bands: at_most 须递增，仅 D 无上限 (limits must rise; D, and only D, has none)"
            raise ValueError(msg)
        return self

    def band_of(self, points: int) -> RiskClass:
        """The class of a total of points."""
        return next(
            band.risk_class for band in self.bands if band.at_most is None or points <= band.at_most
        )
