"""A linkage: everything that happened to one decision in both loops, and what is still open.

The state is derived from the facts, never kept by steps: any order and any repetition of the same
facts comes to the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from approval_events.domain.breach_ladder import CHANGES, STEPS
from approval_events.domain.facts import Fact, FactKind, earliest
from approval_events.domain.loops import PoolEntry, Push, ReturnedResult

_BESIDE = {
    *(FactKind.WARNED, FactKind.OVERDUE, FactKind.ESCALATED),
    *(FactKind.DEADLINE_CHANGED, FactKind.ESCALATION_ANSWERED),
    *(FactKind.FINDING_RAISED, FactKind.FINDING_ANSWERED, FactKind.FINDING_ACCEPTED),
    *(FactKind.FINDING_SENT_BACK, FactKind.FINDING_CLOSED),
    *(FactKind.TOLERATED, FactKind.TOLERANCE_EXPIRED),
    *(FactKind.TOLERANCE_SUPPLEMENTED, FactKind.TOLERANCE_TERMINATED),
    *(FactKind.BREACH_SUSPECTED, FactKind.BREACH_RETURNED, *STEPS, *CHANGES),
}
"""What is told of a linkage and is no part of either loop: it neither opens nor closes it."""


class LinkageState(StrEnum):
    """Closed when both loops have ended; a later result opens it again."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Linkage:
    """The ledger's page about one decision."""

    decision_id: str
    authority: str = ""
    facts: Mapping[FactKind, Mapping[str, Fact]]

    def merge(self, facts: Iterable[Fact]) -> Self:
        """Enter facts; the same again, or in another order, comes to the same."""
        entered = {kind: dict(places) for kind, places in self.facts.items()}
        authority = self.authority
        for fact in earliest([*self.all_facts(), *facts]):
            entered.setdefault(fact.kind, {})[fact.key] = fact
            authority = authority or fact.authority or ""
        return replace(self, facts=entered, authority=authority)

    def of(self, kind: FactKind) -> Mapping[str, Fact]:
        """Facts of one kind by their key."""
        return self.facts.get(kind, {})

    def all_facts(self) -> Iterator[Fact]:
        """Every fact, in no particular order."""
        for places in self.facts.values():
            yield from places.values()

    @property
    def pushes(self) -> tuple[Push, ...]:
        """Every push that any fact tells of, oldest first."""
        kinds = [
            *(FactKind.OPENED, FactKind.DELIVERED, FactKind.RECEIVED, FactKind.RETURNED),
            *(FactKind.RECALLED, FactKind.ENROLLED),
        ]
        steps = self._by_key(kinds)
        fed_back = _grouped(self.of(FactKind.FED_BACK).values(), "push_id")
        pushes = [
            Push(push_id=id_, steps=steps.get(id_, {}), fed_back=fed_back.get(id_, ()))
            for id_ in steps.keys() | fed_back.keys()
        ]
        return tuple(
            sorted(pushes, key=lambda push: (_first(push.steps, push.fed_back), push.push_id))
        )

    @property
    def pool(self) -> tuple[PoolEntry, ...]:
        """What waits, or waited, to be claimed."""
        resolved = {
            str(fact.detail["resolves"]): push_id
            for push_id, fact in self.of(FactKind.OPENED).items()
            if "resolves" in fact.detail
        }
        waiting = {**self.of(FactKind.UNROUTED)}
        waiting |= {str(f.detail["pool_id"]): f for f in self.of(FactKind.RETURNED).values()}
        return tuple(
            PoolEntry(
                pool_id=pool_id,
                since=fact.at,
                reason=str(fact.detail["reason"]),
                resolved_by=resolved.get(pool_id),
            )
            for pool_id, fact in sorted(waiting.items(), key=lambda entry: entry[1].order)
        )

    @property
    def results(self) -> tuple[ReturnedResult, ...]:
        """Every result that any fact tells of, oldest first."""
        kinds = [
            *(FactKind.FOUND, FactKind.FORWARDED, FactKind.RESULT_RECEIVED),
            *(FactKind.RESULT_RETURNED, FactKind.REPORT_FORWARDED),
        ]
        steps = self._by_key(kinds)
        reports = _grouped(self.of(FactKind.REPORTED).values(), "result_id")
        results = [
            ReturnedResult(result_id=id_, steps=steps.get(id_, {}), reports=reports.get(id_, ()))
            for id_ in steps.keys() | reports.keys()
        ]
        return tuple(sorted(results, key=lambda r: (_first(r.steps, r.reports), r.result_id)))

    @property
    def unrouted_versions(self) -> frozenset[str]:
        """Decision events for which neither a push nor a pool entry is known yet."""
        placed = {
            str(fact.detail["decision_event_id"])
            for kind in (FactKind.OPENED, FactKind.UNROUTED)
            for fact in self.of(kind).values()
        }
        return frozenset(self.of(FactKind.DECIDED).keys() - placed)

    @property
    def state(self) -> LinkageState:
        """Closed when nothing is owed by anybody, in either direction."""
        is_open = (
            not self.of(FactKind.DECIDED)
            or self.unrouted_versions
            or any(push.still_owed for push in self.pushes)
            or any(entry.resolved_by is None for entry in self.pool)
            or any(result.is_open for result in self.results)
        )
        return LinkageState.OPEN if is_open else LinkageState.CLOSED

    @property
    def closed_at(self) -> datetime | None:
        """When the last fact came that closed it."""
        if self.state is LinkageState.OPEN:
            return None
        return max(fact.at for fact in self.all_facts() if fact.kind not in _BESIDE)

    def _by_key(self, kinds: Iterable[FactKind]) -> dict[str, dict[FactKind, Fact]]:
        steps: dict[str, dict[FactKind, Fact]] = {}
        for kind in kinds:
            for key, fact in self.of(kind).items():
                steps.setdefault(key, {})[kind] = fact
        return steps


def _grouped(facts: Iterable[Fact], field: str) -> dict[str, tuple[Fact, ...]]:
    groups: dict[str, tuple[Fact, ...]] = {}
    for fact in sorted(facts, key=lambda fact: fact.order):
        id_ = str(fact.detail[field])
        groups[id_] = (*groups.get(id_, ()), fact)
    return groups


def _first(steps: Mapping[FactKind, Fact], others: Iterable[Fact]) -> datetime:
    return min(fact.at for fact in (*steps.values(), *others))
