"""Breaches of the rules of approval (预警纠错): the licence exists, so it is only flagged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from approval_events.domain.breaches import BREACHES
from approval_events.domain.case import Case, Judged, Standing
from approval_events.domain.rule_book import RuleBook
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.decisions import Irregularity
from linkage_contracts.ids import finding_id
from linkage_runtime.working_days import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """What approvals are measured by on every day: read at the start."""

    rules: RuleBook
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Standards:
    """What approvals are measured by on one day."""

    catalogue: Catalogue
    yardstick: Yardstick
    today: date


def irregularities(
    judged: Judged,
    *,
    codes: Sequence[str],
    region: str,
    event_id: str,
    standing: Standing,
    standards: Standards,
) -> tuple[Irregularity, ...]:
    """Every rule in force that this decision breaks, in the order of the rule book.

    Args:
        judged: the decision as submitted, or as it stands after an act.
        codes: its items, as named or as found by the authority's mapping.
        region: where it was decided.
        event_id: of the version of the decision, which a finding is about.
        standing: its party's credit, as far as this service has heard.
        standards: catalogue, rules, calendar and day.
    """
    case = Case(
        judged=judged,
        codes=codes,
        standing=standing,
        catalogue=standards.catalogue,
        calendar=standards.yardstick.calendar,
        today=standards.today,
    )
    return tuple(
        Irregularity(
            rule=entry.rule,
            detail=detail,
            severity=entry.severity,
            ground=entry.ground,
            finding_id=finding_id(event_id, entry.rule),
        )
        for entry in standards.yardstick.rules.in_force(region, judged.kind)
        if (detail := BREACHES[entry.rule](case, entry)) is not None
    )
