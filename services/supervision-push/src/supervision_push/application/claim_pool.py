"""Claim (认领) what waits in the pool: conflict-free, the faster authority has it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.identity import regions_upward
from supervision_push.application.act_on_pushes import Actor, Outcome, Refusal, Refused
from supervision_push.application.ports import Books, Catalogues, WaitingEntry
from supervision_push.application.take_from_pool import Taker, finish_takings, prepare_takings
from supervision_push.domain.routing import is_supervising
from supervision_push.domain.terms import Schedule

_UNKNOWN = (
    "没有此待认领事项,或尚未到达,请稍后再试 (nothing of this id waits, or not yet: try again)"
)
_NOT_SUPERVISING = (
    "只有目录内的监管部门可以认领 (only a supervising authority of the catalogue claims)"
)
_OTHER_REGION = "不在本单位管辖区域内 (not in this authority's region)"
_TAKEN = "已被其他单位认领 (another authority was faster)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPool:
    """A clerk claims these entries for the authority."""

    pool_ids: Sequence[str]
    by: str
    reason: str


async def claim_pool(
    command: ClaimPool,
    *,
    actor: Actor,
    books: Books,
    catalogues: Catalogues,
    schedule: Schedule,
) -> Outcome:
    """Give each entry to the caller, unless somebody was faster; a second claim changes nothing."""
    catalogue = await catalogues.in_force()
    taker = Taker(
        organisation=actor.organisation,
        emitter=actor.organisation,
        by=command.by,
        reason=command.reason,
        at=actor.at,
    )
    outcome, wanted = Outcome(), tuple(dict.fromkeys(command.pool_ids))
    while wanted:
        found = await books.pool.find(wanted)
        verdicts = [_verdict(one, found.get(one), actor, catalogue) for one in wanted]
        free = [verdict for verdict in verdicts if isinstance(verdict, WaitingEntry)]
        takings = await prepare_takings(
            [(one, taker) for one in free], books=books, catalogues=catalogues, schedule=schedule
        )
        clean = await books.pool.take(takings) == len(takings)
        outcome = outcome.and_(_outcome(verdicts, free if clean else ()))
        wanted = () if clean else tuple(one.entry.pool_id for one in free)
    opened = await finish_takings(outcome.done, at=actor.at, books=books)
    await books.pool.flush(outcome.done)
    return replace(outcome, opened=opened)


def _outcome(
    verdicts: Sequence[WaitingEntry | Refused | str], taken: Sequence[WaitingEntry]
) -> Outcome:
    mine_already = tuple(verdict for verdict in verdicts if isinstance(verdict, str))
    return Outcome(
        done=mine_already + tuple(one.entry.pool_id for one in taken),
        refused=tuple(verdict for verdict in verdicts if isinstance(verdict, Refused)),
    )


def _verdict(
    pool_id: str, waiting: WaitingEntry | None, actor: Actor, catalogue: Catalogue
) -> WaitingEntry | Refused | str:
    """An entry to take, a refusal, or the id of what is the caller's already."""
    claimer = catalogue.authority_by_id.get(actor.organisation)
    if claimer is None or not is_supervising(catalogue, actor.organisation):
        return Refused(id=pool_id, why=Refusal.FOREIGN, detail=_NOT_SUPERVISING)
    if waiting is None:
        return Refused(id=pool_id, why=Refusal.UNKNOWN, detail=_UNKNOWN)
    if claimer.region not in regions_upward(waiting.entry.region):
        return Refused(id=pool_id, why=Refusal.FOREIGN, detail=_OTHER_REGION)
    claim = waiting.entry.claim
    if claim is None:
        return waiting
    if claim.organisation == actor.organisation:
        return pool_id
    return Refused(id=pool_id, why=Refusal.TAKEN, detail=_TAKEN)
