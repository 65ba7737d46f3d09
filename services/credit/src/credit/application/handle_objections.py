"""Raise, decide and withdraw objections (异议) to facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    DoneAlreadyError,
    NotKnownError,
    NotYoursError,
    known_facts,
    log,
    sources_of,
    stated,
)
from credit.domain.facts import ACT_KINDS, Fact, FactKind
from credit.ports import FactLedger, Publisher
from linkage_contracts.ids import stable_id
from linkage_contracts.objections import (
    Objection,
    ObjectionAnswer,
    ObjectionDecided,
    ObjectionRaised,
    ObjectionWithdrawal,
    ObjectionWithdrawn,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawObjection:
    """The party disputes the fact no longer, and says so where it had disputed it."""

    party: str
    objection: str
    by: Actor
    ground: str


async def raise_objection(
    command: RaiseObjection, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the objection on the log; its id is the event's.

    The same again is the same objection, but for one that was withdrawn: then it is another.

    Raises:
        ActRefusedError: one of its kinds.
        TransientError: Kafka or MongoDB is away.
    """
    party = command.party
    known = await known_facts(party, {command.fact}, facts)
    if known[command.fact].kind in ACT_KINDS:
        raise ActRefusedError("对事实提出异议，不对行为 (object to the fact)", [command.fact])
    id_ = _id_of(command, known.values())
    data = Objection(
        **stated(command, day_of(at)),
        objection_id=id_,
        fact=command.fact,
        about=sources_of([known[command.fact]]),
    )
    return await log(
        ObjectionRaised, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


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
    settling = [fact for fact in known.values() if fact.result_id == command.objection]
    answers = [fact for fact in settling if fact.kind in _DECIDED]
    if any(fact.kind is FactKind.OBJECTION_WITHDRAWN for fact in settling):
        raise DoneAlreadyError("该异议已撤回 (this objection was withdrawn)", [disputed.fact_id])
    if any(_DECIDED[answer.kind] is not command.is_upheld for answer in answers):
        raise DoneAlreadyError("该异议已有结论 (this objection was decided)", [disputed.fact_id])
    data = ObjectionAnswer(
        **stated(command, day_of(at)),
        objection_id=command.objection,
        fact=disputed.fact_id,
        is_upheld=command.is_upheld,
        about=sources_of([disputed]),
        filed_by=raised.authority,
    )
    return await log(
        ObjectionDecided, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


async def withdraw_objection(
    command: WithdrawObjection, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the withdrawal on the log: nobody need answer, and the fact is used again.

    Raises:
        ActRefusedError: no such objection, another window's, or answered before.
        TransientError: Kafka or MongoDB is away.
    """
    party = command.party
    known = await known_facts(party, (), facts)
    raised = _raised(command.objection, known)
    if not command.by.may_decide(raised.authority):
        raise NotYoursError("由受理窗口撤回 (only the window that took it in may withdraw it)")
    settling = [fact for fact in known.values() if fact.result_id == command.objection]
    if any(fact.kind in _DECIDED for fact in settling):
        raise DoneAlreadyError("该异议已有结论 (this objection was decided)", raised.targets)
    data = ObjectionWithdrawal(
        **stated(command, day_of(at)),
        objection_id=command.objection,
        fact=raised.targets[0],
        about=sources_of([known[raised.targets[0]]]),
        filed_by=raised.authority,
    )
    id_ = stable_id("objection withdrawn", command.objection)
    return await log(
        ObjectionWithdrawn, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


def _id_of(command: RaiseObjection, known: Iterable[Fact]) -> str:
    withdrawn = {f.result_id for f in known if f.kind is FactKind.OBJECTION_WITHDRAWN}
    content = (command.party, command.fact, command.by.organisation, command.ground)
    ids = (
        stable_id("objection", *content, *((str(number),) if number else ())) for number in count()
    )
    return next(id_ for id_ in ids if id_ not in withdrawn)


def _raised(objection: str, known: dict[str, Fact]) -> Fact:
    for fact in known.values():
        if fact.kind is FactKind.OBJECTION_RAISED and fact.result_id == objection:
            return fact
    raise NotKnownError("没有此异议 (there is no such objection)")
