"""Settle tolerances (容缺) from the log: what a clock or a later version says of them is told.

Told on the log and entered when it comes back from there; done again, it tells the same ids. So an
overdue supplement becomes a fact of credit once, and none if it turns out to have been in time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from approval_events.application.ports import DecisionVersions, Publisher
from approval_events.application.tolerance_ports import ToleranceBooks
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.readings import facts_of
from approval_events.domain.tolerance import (
    Tolerance,
    ToleranceState,
    ends,
    settling,
    supplements_in,
)
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ids import stable_id
from linkage_contracts.tolerances import (
    Expiry,
    Supplementing,
    Termination,
    ToleranceEvent,
    ToleranceExpired,
    ToleranceSupplemented,
    ToleranceTerminated,
)
from linkage_contracts.topics import ACTIONS
from linkage_runtime.clock import now

_SYSTEM = "linkage"
_OVER = {ToleranceState.FORMAL, ToleranceState.TERMINATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledTolerances:
    """See ``MatterBooks``: tolerances that are settled as facts about them are entered."""

    tolerances: ToleranceBooks
    decisions: DecisionVersions
    publisher: Publisher

    async def note(self, facts: Iterable[Fact]) -> None:
        """Enter these facts, then tell what they make of the tolerances that they are about."""
        entered = list(facts)
        await self.tolerances.note(entered)
        versioned = {fact.linkage for fact in entered if fact.kind is FactKind.DECIDED}
        known = {one.supplement_id: one for one in await self.tolerances.of_decisions(versioned)}
        known |= await self.tolerances.find(sorted(supplements_in(entered)))
        begun = {fact.linkage for one in known.values() if (fact := one.tolerated)}
        if not begun:
            return
        versions = await self.decisions.versions(begun)
        told = [event for one in known.values() for event in _told(one, versions)]
        if told:
            await self.publisher.publish(ACTIONS, told)


def _told(tolerance: Tolerance, versions: Sequence[DecisionEvent]) -> Iterator[ToleranceEvent]:
    if tolerance.tolerated is None:
        return
    settled = None if tolerance.state in _OVER else settling(tolerance, versions)
    if settled is not None:
        event = _settled(tolerance, settled)
        yield event
        tolerance = tolerance.merge(facts_of([event]))
    told = {fact.detail["due_on"] for fact in tolerance.of(FactKind.TOLERANCE_EXPIRED)}
    for day in tolerance.missed:
        if day.isoformat() not in told:
            yield _expired(tolerance, day)
    if days := tolerance.uncleared:
        yield _cleared(tolerance, days)


def _settled(tolerance: Tolerance, version: DecisionEvent) -> ToleranceEvent:
    on, act = version.data.effective_on, version.data.act
    about = _about(tolerance) | {"decision_event_id": version.id, "by": _SYSTEM, "on": on}
    number = act.document_number if act else version.data.document_number
    if ends(version):
        return ToleranceTerminated(
            **_envelope("tolerance-terminated", tolerance, version.id, version.recordedtime),
            data=Termination(**about, document_number=number, ground=act.ground if act else number),
        )
    return ToleranceSupplemented(
        **_envelope("tolerance-supplemented", tolerance, version.id, version.recordedtime),
        data=Supplementing(**about, document_number=number, clears=tolerance.clears(on)),
    )


def _cleared(tolerance: Tolerance, days: Sequence[date]) -> ToleranceSupplemented:
    """What was known too late to be said with the supplement itself: an extension, a late clock."""
    came = tolerance.of(FactKind.TOLERANCE_SUPPLEMENTED)[0]
    about = _about(tolerance) | {"decision_event_id": came.detail.get("decision_event_id")}
    named = [day.isoformat() for day in days]
    return ToleranceSupplemented(
        **_envelope("tolerance-cleared", tolerance, " ".join(named), came.at),
        data=Supplementing(
            **about, by=_SYSTEM, on=tolerance.came_on or days[0], clears=tuple(days)
        ),
    )


def _expired(tolerance: Tolerance, day: date) -> ToleranceExpired:
    overdue = next(
        fact for fact in tolerance.of(FactKind.OVERDUE) if fact.detail["due_on"] == str(day)
    )
    return ToleranceExpired(
        **_envelope("tolerance-expired", tolerance, day.isoformat(), overdue.at),
        data=Expiry(**_about(tolerance), due_on=day),
    )


def _about(tolerance: Tolerance) -> dict[str, Any]:
    tolerated = tolerance.tolerated
    return {
        "supplement_id": tolerance.supplement_id,
        "decision_id": tolerated.linkage if tolerated else None,
        "authority": tolerated.authority if tolerated else None,
    }


def _envelope(kind: str, tolerance: Tolerance, cause: str, at: datetime) -> dict[str, Any]:
    about, tolerated = _about(tolerance), tolerance.tolerated
    return {
        "id": stable_id(kind, tolerance.supplement_id, cause),
        "source": f"/organisations/{about['authority']}",
        "subject": about["decision_id"],
        "time": at,
        "recordedtime": now(),
        "partitionkey": tolerated.detail["party"] if tolerated else "",
        "emitter": _SYSTEM,
    }
