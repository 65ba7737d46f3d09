"""Enter a party on a list (列入名单), and remove it before its term ends (移出名单)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    DoneAlreadyError,
    known_facts,
    log,
    stated,
)
from credit.domain.facts import Fact, FactKind
from credit.domain.lists import Lists
from credit.domain.standing import standing
from credit.ports import FactLedger, Publisher
from linkage_contracts.credit_acts import ListEntered, ListLeft, PartyDelisted, PartyListed
from linkage_contracts.identity import is_uscc
from linkage_contracts.ids import stable_id
from linkage_runtime.clock import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterList:
    """A decision to list."""

    party: str
    list_code: str
    by: Actor
    entered_on: date
    ground: str
    document_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveList:
    """A decision to remove an entry, which goes by the id of its fact."""

    party: str
    fact: str
    by: Actor
    ground: str


async def enter_list(
    command: EnterList, *, lists: Lists, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the entry on the log, with term and exit by the list's rules of today.

    Raises:
        ActRefusedError: no such list, a party without a credit code, a day to come, or this
            authority's entry stands there already.
        TransientError: Kafka or MongoDB is away.
    """
    party, by = command.party, command.by.organisation
    if not is_uscc(party):
        msg = "仅列有统一社会信用代码的主体，自然人不列入 (only who has a credit code; no person)"
        raise ActRefusedError(msg)
    if command.entered_on > day_of(at):
        raise ActRefusedError("列入日期晚于今天 (entered_on is still to come)")
    rules = lists.of_code(command.list_code)
    if rules is None:
        codes = "、".join(each.code for each in lists.lists)
        raise ActRefusedError(f"没有此名单，现有 (no such list; there are): {codes}")
    known = await known_facts(party, (), facts)
    day = command.entered_on
    id_ = stable_id("list entry", party, rules.code, by, day.isoformat(), command.ground)
    _refuse_second(command, id_, known.values(), day_of(at))
    data = ListEntered(
        **stated(command, day),
        entry_id=id_,
        list_code=rules.code,
        title=rules.title,
        until=rules.until(day),
        exit_from=rules.exit_from(day),
        is_adverse=rules.is_adverse,
        suspended_by_objection=rules.suspended_by_objection,
        document_number=command.document_number,
    )
    return await log(
        PartyListed, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


async def leave_list(
    command: LeaveList, *, facts: FactLedger, publisher: Publisher, at: datetime
) -> ActRecorded:
    """Put the removal on the log.

    Raises:
        ActRefusedError: no entry, over already, another's, or too early by the list's rules.
        TransientError: Kafka or MongoDB is away.
    """
    party, by = command.party, command.by.organisation
    known = await known_facts(party, {command.fact}, facts)
    fact, today = known[command.fact], day_of(at)
    if fact.entry is None:
        raise ActRefusedError("这不是名单记录 (no entry of a list)", [command.fact])
    id_ = stable_id("list exit", party, command.fact, by, command.ground)
    if any(each.event_id == id_ for each in known.values()):
        return ActRecorded(event_id=id_, is_new=False)
    command.by.check_owns([fact])
    gone = {t for f in known.values() if f.kind is FactKind.DELISTED for t in f.targets}
    if command.fact in gone or today >= fact.entry.until:
        raise DoneAlreadyError(
            "已移出或已期满 (removed before, or its term is over)", [fact.fact_id]
        )
    if today < fact.entry.exit_from:
        msg = f"{fact.entry.exit_from} 起方可移出 (not to be removed before)"
        raise ActRefusedError(msg, [fact.fact_id])
    data = ListLeft(
        **stated(command, today),
        fact=command.fact,
        list_code=fact.entry.list_code,
    )
    return await log(
        PartyDelisted, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


def _refuse_second(command: EnterList, id_: str, known: Iterable[Fact], today: date) -> None:
    """An authority lists a party once: another entry would count again what stands there."""
    for fact in standing(known, today):
        is_there = fact.entry is not None and fact.entry.list_code == command.list_code
        if is_there and fact.authority == command.by.organisation and fact.event_id != id_:
            raise DoneAlreadyError(
                "list_code: 该主体已由本单位列入此名单，请先移出或撤回原记录 "
                "(you have it on this list already: remove or withdraw that entry first)",
                [fact.fact_id],
            )
