"""Tolerances in memory."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from approval_events.application.tolerance_ports import (
    ToleranceAdmission,
    ToleranceCount,
    ToleranceQuery,
)
from approval_events.domain.facts import Fact
from approval_events.domain.readings import facts_of
from approval_events.domain.tolerance import KINDS, Tolerance
from linkage_contracts.envelope import Event


@dataclass
class FakeTolerances:
    """Tolerances merged by the domain."""

    kept: dict[str, Tolerance] = field(default_factory=dict)
    published: list[Event] = field(default_factory=list)

    async def note(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.kind in KINDS and "supplement_id" in fact.detail:
                id_ = str(fact.detail["supplement_id"])
                known = self.kept.get(id_) or Tolerance(supplement_id=id_, facts={})
                self.kept[id_] = known.merge([fact])

    async def find(self, supplement_ids: Sequence[str], /) -> dict[str, Tolerance]:
        return {id_: self.kept[id_] for id_ in supplement_ids if id_ in self.kept}

    async def of_decisions(self, decision_ids: Iterable[str]) -> Sequence[Tolerance]:
        wanted = set(decision_ids)
        return [
            one for one in self.kept.values() if one.tolerated and one.tolerated.linkage in wanted
        ]

    async def admit(self, admissions: Sequence[ToleranceAdmission], /) -> int:
        for one in admissions:
            await self.note(facts_of([one.event]))
            self.published.append(one.event)
        return len(admissions)

    async def publish(self, _: Sequence[str], /) -> None: ...

    async def page(self, query: ToleranceQuery) -> Sequence[Tolerance]:
        return [
            one
            for id_, one in sorted(self.kept.items())
            if (tolerated := one.tolerated)
            and id_ > query.after
            and query.state in {None, one.state}
            and query.party in {None, tolerated.detail["party"]}
            and (query.authorities is None or tolerated.authority in query.authorities)
        ][: query.limit]

    async def counts(self, authorities: frozenset[str] | None) -> Sequence[ToleranceCount]:
        found = Counter(
            (str(tolerated.authority), item, one.state)
            for one in self.kept.values()
            if (tolerated := one.tolerated)
            and (authorities is None or tolerated.authority in authorities)
            for item in tolerated.detail["items"]
        )
        return [
            ToleranceCount(authority=authority, item=item, state=state, count=count)
            for (authority, item, state), count in sorted(found.items())
        ]
