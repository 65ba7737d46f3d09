"""Raise and decide objections (异议) to facts."""

from dataclasses import dataclass
from datetime import datetime

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    DoneAlreadyError,
    NotKnownError,
    act,
    known_facts,
    log,
)
from credit.domain.facts import ACT_KINDS, Fact, FactKind
from credit.ports import FactLedger, Publisher
from linkage_contracts.credit_acts import (
    Objection,
    ObjectionAnswer,
    ObjectionDecided,
    ObjectionRaised,
)
from linkage_contracts.ids import stable_id
from linkage_runtime.clock import day_of

_DECIDED = {FactKind.OBJECTION_UPHELD: True, FactKind.OBJECTION_REJECTED: False}


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseObjection:
    """A party disputes a fact; ``by`` is the authority at whose window it did."""

    party: str
    fact: str
    by: Actor
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideObjection:
    """The answer of the authority that found the fact."""

    party: str
    objection: str
    by: Actor
    is_upheld: bool
    ground: str


async def raise_objection(
    command: RaiseObjection, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the objection on the log; its id is the event's.

    Raises:
        ActRefusedError: one of its kinds.
        TransientError: Kafka or MongoDB is away.
    """
    party, by = command.party, command.by.organisation
    known = await known_facts(party, {command.fact}, facts)
    if known[command.fact].kind in ACT_KINDS:
        raise ActRefusedError("对事实提出异议，不对行为 (object to the fact)", [command.fact])
    id_ = stable_id("objection", party, command.fact, by, command.ground)
    data = Objection(
        party=party,
        by=by,
        on=day_of(at),
        ground=command.ground,
        objection_id=id_,
        fact=command.fact,
    )
    event = act(ObjectionRaised, data, id_=id_, party=party, by=by, at=at)
    return await log(event, known.values(), publisher)


async def decide_objection(
    command: DecideObjection, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the answer on the log; an objection is answered once.

    Raises:
        ActRefusedError: one of its kinds.
        TransientError: Kafka or MongoDB is away.
    """
    party, by = command.party, command.by.organisation
    known = await known_facts(party, (), facts)
    raised = _raised(command.objection, known)
    disputed = known[raised.targets[0]]
    command.by.check_owns([disputed])
    # The answer is no part of the id: of two answers at once the log keeps both, the first counts.
    id_ = stable_id("objection answer", command.objection, by, str(command.is_upheld))
    answers = [f for f in known.values() if f.kind in _DECIDED and f.result_id == command.objection]
    if any(_DECIDED[answer.kind] is not command.is_upheld for answer in answers):
        raise DoneAlreadyError("该异议已有结论 (this objection was decided)", [disputed.fact_id])
    data = ObjectionAnswer(
        party=party,
        by=by,
        on=day_of(at),
        ground=command.ground,
        objection_id=command.objection,
        fact=disputed.fact_id,
        is_upheld=command.is_upheld,
    )
    event = act(ObjectionDecided, data, id_=id_, party=party, by=by, at=at)
    return await log(event, known.values(), publisher)


def _raised(objection: str, known: dict[str, Fact]) -> Fact:
    for fact in known.values():
        if fact.kind is FactKind.OBJECTION_RAISED and fact.result_id == objection:
            return fact
    raise NotKnownError("没有此异议 (there is no such objection)")
