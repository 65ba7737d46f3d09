"""Repair credit (信用修复): log first that some facts no longer count; the worker does the rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from credit.domain.facts import REPAIRABLE_KINDS
from credit.domain.standing import repaired_in
from credit.ports import FactLedger, Publisher
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import FactsRepaired, Repair
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.clock import day_of
from linkage_runtime.errors import PermanentError


class RepairRefusedError(PermanentError):
    """Some facts cannot be repaired; ``facts`` names them."""

    def __init__(self, message: str, facts: Iterable[str]) -> None:
        super().__init__(message)
        self.facts = sorted(facts)


class UnknownFactsError(RepairRefusedError):
    """The party has no such facts, or they have not been read from the log yet."""


class NotRepairableError(RepairRefusedError):
    """Facts that don't speak against the party."""


class AlreadyRepairedError(RepairRefusedError):
    """Facts that another repair names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairCredit:
    """An authority's decision to repair; the conditions in law are for it to check."""

    party: str
    facts: frozenset[str]
    decided_by: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRecorded:
    """The act on the log; ``is_new`` is false when the very same was recorded before."""

    event_id: str
    is_new: bool


async def repair_credit(
    command: RepairCredit, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> RepairRecorded:
    """Put the repair on the log; the same command again is the same repair.

    Raises:
        RepairRefusedError: one of its three kinds.
        TransientError: Kafka or MongoDB is away.
    """
    event = _repaired(command, at)
    known = {fact.fact_id: fact for fact in await facts.of_party(command.party)}
    if any(fact.event_id == event.id for fact in known.values()):
        return RepairRecorded(event_id=event.id, is_new=False)
    if unknown := command.facts - known.keys():
        raise UnknownFactsError("没有这些事实 (no such facts of this party)", unknown)
    wrong = {each for each in command.facts if known[each].kind not in REPAIRABLE_KINDS}
    if wrong:
        msg = "这些不是失信信息，无须修复 (these don't speak against the party)"
        raise NotRepairableError(msg, wrong)
    if twice := command.facts & repaired_in(known.values()):
        raise AlreadyRepairedError("这些事实已经修复 (these facts were repaired before)", twice)
    await publisher.publish(CREDIT_ACTS, [event])
    return RepairRecorded(event_id=event.id, is_new=True)


def _repaired(command: RepairCredit, at: datetime) -> FactsRepaired:
    facts = tuple(sorted(command.facts))
    event_id = stable_id("repair", command.party, command.decided_by, command.ground, *facts)
    return FactsRepaired(
        id=event_id,
        source=f"/organisations/{command.decided_by}",
        subject=stable_id("party", command.party),
        time=at,
        recordedtime=at,
        partitionkey=command.party,
        emitter=command.decided_by,
        data=Repair(
            party=command.party,
            facts=facts,
            decided_by=command.decided_by,
            decided_on=day_of(at),
            ground=command.ground,
        ),
    )
