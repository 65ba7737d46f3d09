"""Record an overdue supplement (容缺逾期): what was owed under tolerance did not come in time."""

from dataclasses import dataclass
from datetime import date, datetime

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    NotKnownError,
    known_facts,
    log,
    stated,
)
from credit.domain.derivation import KIND_OF_DECISION
from credit.ports import FactLedger, Publisher
from linkage_contracts.credit_acts import OverdueSupplement, SupplementOverdue
from linkage_contracts.ids import overdue_id
from linkage_runtime.clock import day_of

_LICENCES = frozenset(KIND_OF_DECISION.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOverdue:
    """What the bureau that tolerated reports."""

    party: str
    decision_id: str
    due_on: date
    missing: tuple[str, ...]
    by: Actor
    ground: str


async def record_overdue(
    command: RecordOverdue, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put it on the log, once for a decision and a day.

    Raises:
        ActRefusedError: the day is not over, or the decision is unknown or another bureau's.
        TransientError: Kafka or MongoDB is away.
    """
    party = command.party
    if command.due_on >= day_of(at):
        raise ActRefusedError("补正期限尚未届满 (the term for supplementing is not over)")
    known = await known_facts(party, (), facts)
    decided = [
        f for f in known.values() if f.kind in _LICENCES and f.decision_id == command.decision_id
    ]
    if not decided:
        raise NotKnownError("没有该当事人的此决定 (no such decision about this party)")
    command.by.check_owns(decided)
    id_ = overdue_id(party, command.decision_id, command.due_on)
    data = OverdueSupplement(
        **stated(command, day_of(at)),
        decision_id=command.decision_id,
        due_on=command.due_on,
        missing=command.missing,
        authority=decided[0].authority,
    )
    return await log(
        SupplementOverdue, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )
