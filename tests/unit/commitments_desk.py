"""Commitments in memory, and the versions of a decision that carry one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from approval_events.application.commitment_ports import CommitmentQuery
from approval_events.domain.commitment import KINDS, Commitment, is_about_commitment
from approval_events.domain.facts import Fact
from linkage_contracts import progress
from linkage_contracts.codes import DecisionKind, Duty
from linkage_contracts.decisions import Act, DecisionEvent
from linkage_contracts.decisions import Commitment as Promise
from linkage_contracts.envelope import Event
from tests.unit.approval_loops import decided, envelope, push

PROMISE = Promise(text="三十日内配齐消防设施", method="on_site")


@dataclass
class FakeCommitments:
    """Commitments merged by the domain."""

    kept: dict[str, Commitment] = field(default_factory=dict)

    async def note(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if fact.kind in KINDS and is_about_commitment(fact):
                known = self.kept.get(fact.linkage)
                known = known or Commitment(decision_id=fact.linkage, facts={})
                self.kept[fact.linkage] = known.merge([fact])

    async def find(self, decision_ids: Sequence[str], /) -> dict[str, Commitment]:
        return {id_: self.kept[id_] for id_ in decision_ids if id_ in self.kept}

    async def page(self, query: CommitmentQuery) -> Sequence[Commitment]:
        return [
            one
            for id_, one in sorted(self.kept.items())
            if (promised := one.promised)
            and id_ > query.after
            and query.state in {None, one.state}
            and query.party in {None, promised.detail["party"]["key"]}
            and (query.authorities is None or promised.authority in query.authorities)
        ][: query.limit]


def committed(
    name: str = "committed",
    day: int = 20,
    kind: DecisionKind = DecisionKind.GRANTED,
    promise: Promise | None = PROMISE,
) -> DecisionEvent:
    """A version of the decision that was made on a promise."""
    event = decided(name, kind=kind)
    update: dict[str, Any] = {"commitment": promise}
    if event.data.act:
        update["act"] = Act(document_number=f"{name}号", on=date(2026, 11, day), ground="x")
    return event.model_copy(update={"data": event.data.model_copy(update=update)})


def checked(outcome: str, minutes: float = 25, duty: Duty = Duty.COMMITMENT_CHECK) -> Event:
    """Supervision fed back on it."""
    return progress.PushFedBack(
        **envelope(f"checked {outcome} {minutes}", minutes),
        data=progress.FedBack(**push("p"), by="李监管", duty=duty, outcome=outcome),
    )
