"""Withdraw or correct a fact (撤回、更正): its source says that it was wrong from the beginning."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    DoneAlreadyError,
    known_facts,
    log,
    sources_of,
    stated,
)
from credit.domain.facts import ACT_KINDS, Fact, FactKind, Sanction, fact_id
from credit.domain.standing import as_corrected
from credit.ports import FactLedger, Publisher
from linkage_contracts.codes import PenaltyKind
from linkage_contracts.facts import Correction, FactCorrected, FactWithdrawn, Withdrawal
from linkage_contracts.ids import stable_id
from linkage_runtime.clock import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawFact:
    """A fact that never was."""

    party: str
    fact: str
    by: Actor
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectFact:
    """What a fact really was; what is ``None`` stays as it stands."""

    party: str
    fact: str
    by: Actor
    ground: str
    occurred_on: date | None = None
    kinds: tuple[PenaltyKind, ...] | None = None
    fine: Decimal | None = None


async def withdraw_fact(
    command: WithdrawFact, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the withdrawal on the log; the same again is the same withdrawal.

    Raises:
        ActRefusedError: one of its kinds.
        TransientError: Kafka or MongoDB is away.
    """
    by, party = command.by.organisation, command.party
    known = await known_facts(party, {command.fact}, facts)
    id_ = stable_id("withdrawal", party, command.fact, by, command.ground)
    if fact_id(id_, FactKind.FACT_WITHDRAWN) not in known:
        _check(command.fact, command.by, known)
    data = Withdrawal(
        **stated(command, day_of(at)),
        fact=command.fact,
        about=sources_of([known[command.fact]]),
    )
    return await log(
        FactWithdrawn, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


async def correct_fact(
    command: CorrectFact, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the correction on the log; the same again is the same correction.

    Raises:
        ActRefusedError: one of its kinds.
        TransientError: Kafka or MongoDB is away.
    """
    by, party = command.by.organisation, command.party
    known = await known_facts(party, {command.fact}, facts)
    said = (command.occurred_on, command.fine, *(command.kinds or ()))
    id_ = stable_id("correction", party, command.fact, by, command.ground, *map(str, said))
    if fact_id(id_, FactKind.FACT_CORRECTED) in known:
        return ActRecorded(event_id=id_, is_new=False)
    right = _check(command.fact, command.by, known)
    if command.occurred_on is not None and command.occurred_on > day_of(at):
        # It would count on no day until then: that is a withdrawal, and must say so.
        raise ActRefusedError("更正后的日期晚于今天 (occurred_on is still to come)", [command.fact])
    if right.entry is not None:
        msg = "名单记录请撤回后重新列入 (withdraw the entry, and list the party again)"
        raise ActRefusedError(msg, [command.fact])
    sanction = _sanction(command, right)
    data = Correction(
        **stated(command, day_of(at)),
        fact=command.fact,
        occurred_on=command.occurred_on,
        kinds=sanction.kinds if sanction else (),
        fine=sanction.fine if sanction else None,
    )
    return await log(
        FactCorrected, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


def _check(fact: str, by: Actor, known: dict[str, Fact]) -> Fact:
    if known[fact].kind in ACT_KINDS:
        raise ActRefusedError("这是一次行为，不是事实 (an act, no fact to amend)", [fact])
    by.check_owns([known[fact]])
    right = {each.fact_id: each for each in as_corrected(known.values())}
    if fact not in right:
        raise DoneAlreadyError("该事实已撤回或异议成立 (it was taken back before)", [fact])
    return right[fact]


def _sanction(command: CorrectFact, right: Fact) -> Sanction | None:
    if command.kinds is None and command.fine is None:
        if command.occurred_on is None:
            raise ActRefusedError("没有更正内容 (nothing is corrected)", [command.fact])
        return None
    if right.sanction is None:
        raise ActRefusedError("仅行政处罚有处罚种类和罚款 (no penalty)", [command.fact])
    return Sanction(
        kinds=command.kinds or right.sanction.kinds,
        fine=right.sanction.fine if command.fine is None else command.fine,
    )
