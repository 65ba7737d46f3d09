"""Breaches of a rule of approval (预警纠错): the licence exists, so it is accepted and flagged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from linkage_contracts.catalogue import Catalogue, CatalogueItem
from linkage_contracts.codes import DecisionKind, Rule, ToleranceRegime
from linkage_contracts.decisions import Irregularity
from linkage_contracts.ratings import Bar
from linkage_runtime.working_days import WorkCalendar

PUSH_WITHIN_WORKING_DAYS = 2
"""襄阳 2018: to supervision within two working days of the decision."""

_GIVES_RIGHTS = {DecisionKind.GRANTED, DecisionKind.AMENDED, DecisionKind.RENEWED}


class Judged(Protocol):
    """What the rules look at: a submission, or a decision that an act was applied to."""

    @property
    def kind(self) -> DecisionKind:
        """What was decided."""

    @property
    def commitment(self) -> object | None:
        """告知承诺, if it was made on one."""

    @property
    def tolerance(self) -> object | None:
        """容缺, if something was missing."""

    @property
    def effective_on(self) -> date:
        """The date of the decision or of the act on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """What approvals are measured by on one day."""

    catalogue: Catalogue
    calendar: WorkCalendar
    today: date


def irregularities(
    judged: Judged, codes: Sequence[str], bars: Sequence[Bar], standards: Standards
) -> tuple[Irregularity, ...]:
    """Every rule that this decision breaks.

    Args:
        judged: the decision as submitted.
        codes: its items, as named or as found by the authority's mapping.
        bars: why its party may not use commitments, as far as this service has heard.
        standards: catalogue, calendar and day.
    """
    found: list[Irregularity] = []
    if judged.kind in _GIVES_RIGHTS:
        found += _items(judged, codes, standards.catalogue)
        found += _bars(judged, bars)
    found += _lateness(judged, standards)
    return tuple(found)


def _items(judged: Judged, codes: Sequence[str], catalogue: Catalogue) -> Iterator[Irregularity]:
    known = [item for code in codes if (item := catalogue.item_by_code.get(code))]
    if strangers := [code for code in codes if code not in catalogue.item_by_code]:
        yield _irregular(
            Rule.OFF_CATALOGUE,
            f"清单之外的事项 {'、'.join(strangers)} (not in the catalogue of items)",
        )
    if judged.commitment is not None:
        yield from _refused_by(
            [item for item in known if not item.commitment],
            Rule.COMMITMENT_NOT_ALLOWED,
            "不适用告知承诺",
            "allows no commitment",
        )
    if judged.tolerance is not None:
        yield from _refused_by(
            [item for item in known if item.tolerance is ToleranceRegime.NONE],
            Rule.TOLERANCE_NOT_ALLOWED,
            "不适用容缺受理",
            "allows no missing materials",
        )


def _refused_by(
    items: Sequence[CatalogueItem], rule: Rule, zh: str, en: str
) -> Iterator[Irregularity]:
    if items:
        named = "、".join(f"{item.code} {item.name}" for item in items)
        yield _irregular(rule, f"{named} {zh} ({en})")


def _bars(judged: Judged, bars: Sequence[Bar]) -> Iterator[Irregularity]:
    in_force = [bar for bar in bars if bar.since <= judged.effective_on]
    if judged.commitment is not None and in_force:
        since = min(bar.since for bar in in_force)
        yield _irregular(
            Rule.COMMITMENT_BARRED,
            f"该主体自 {since} 起不得适用告知承诺 (the party is barred from commitments)",
        )


def _lateness(judged: Judged, standards: Standards) -> Iterator[Irregularity]:
    days = standards.calendar.working_days_between(judged.effective_on, standards.today)
    if days > PUSH_WITHIN_WORKING_DAYS:
        yield _irregular(
            Rule.PUSHED_LATE,
            f"决定后第 {days} 个工作日才报送,应在 {PUSH_WITHIN_WORKING_DAYS} 个工作日内 "
            f"(sent {days} working days after the decision)",
        )


def _irregular(rule: Rule, detail: str) -> Irregularity:
    return Irregularity(rule=rule, detail=detail)
