"""Decide about repair, each authority for its own facts, and revoke what was granted wrongly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from credit.application.acting import (
    Actor,
    ActRecorded,
    DoneAlreadyError,
    NotKnownError,
    NotYoursError,
    known_facts,
    log,
    sources_of,
    stated,
)
from credit.application.applications import EFFECTS, Application, application_in
from credit.domain.standing import repaired_in
from credit.ports import ActLedger, FactLedger, Publisher
from linkage_contracts.envelope import Event
from linkage_contracts.facts import Sources
from linkage_contracts.ids import stable_id
from linkage_contracts.repairs import (
    FactsRepaired,
    Repair,
    RepairRefusal,
    RepairRefused,
    RepairRevocation,
    RepairRevoked,
    RepairWithdrawn,
)
from linkage_runtime.clock import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRepair:
    """One authority's decision on its facts of an application."""

    party: str
    application: str
    by: Actor
    is_granted: bool
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeRepair:
    """A repair that should not have been granted; it goes by the id of its event."""

    party: str
    repair: str
    by: Actor
    ground: str


async def decide_repair(
    command: DecideRepair,
    *,
    facts: FactLedger,
    acts: ActLedger,
    publisher: Publisher,
    at: datetime,
) -> ActRecorded:
    """Grant or refuse for this authority's facts; a grant works from its day on, everywhere.

    Raises:
        ActRefusedError: no such application, nothing of this authority's, withdrawn, or repaired
            before.
        TransientError: Kafka or MongoDB is away.
    """
    party, by = command.party, command.by.organisation
    application = application_in(await acts.of_party(party), command.application)
    own = application.own(command.by)
    known = await known_facts(party, own, facts)
    id_ = stable_id("repair", command.application, by, str(command.is_granted))
    if any(event.id == id_ for event in application.acts):
        _refuse_revoked(id_, application)
        return ActRecorded(event_id=id_, is_new=False)
    if any(isinstance(event, RepairWithdrawn) for event in application.acts):
        raise DoneAlreadyError("申请已撤回 (the application was withdrawn)", own)
    # What another application had repaired meanwhile is refused here, so that the case ends.
    done = repaired_in(known.values()) if command.is_granted else application.granted
    left = own - done
    if not left:
        raise DoneAlreadyError("这些事实已经修复 (these facts were repaired before)", own)
    about = sources_of(known[fact] for fact in sorted(left))
    kind, data = _decision(command, application, about, day_of(at))
    return await log(kind, data, id_=id_, asked=command, at=at, known=known, publisher=publisher)


async def revoke_repair(
    command: RevokeRepair,
    *,
    facts: FactLedger,
    acts: ActLedger,
    publisher: Publisher,
    at: datetime,
) -> ActRecorded:
    """Take a repair back: its facts count again from this day on.

    Raises:
        ActRefusedError: no such repair, or another authority granted it.
        TransientError: Kafka or MongoDB is away.
    """
    party = command.party
    logged = await acts.of_party(party)
    repair = _repair_in(logged, command.repair)
    if not command.by.may_decide(repair.data.decided_by):
        msg = "谁修复、谁撤销：由作出修复决定的机关撤销 (only who granted the repair may revoke it)"
        raise NotYoursError(msg, repair.data.facts)
    known = await known_facts(party, repair.data.facts, facts)
    id_ = stable_id("repair revoked", command.repair)
    data = RepairRevocation(
        **stated(command, day_of(at)),
        repair_id=command.repair,
        application_id=repair.data.application_id,
        facts=repair.data.facts,
        about=sources_of(known[fact] for fact in repair.data.facts),
        filed_by=repair.data.filed_by,
    )
    return await log(
        RepairRevoked, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


def _decision(
    command: DecideRepair, application: Application, about: Sources, on: date
) -> tuple[type[FactsRepaired], Repair] | tuple[type[RepairRefused], RepairRefusal]:
    facts, filed_by = tuple(source.fact for source in about), application.filed.by
    if not command.is_granted:
        return RepairRefused, RepairRefusal(
            **stated(command, on),
            application_id=command.application,
            facts=facts,
            about=about,
            filed_by=filed_by,
        )
    return FactsRepaired, Repair(
        party=command.party,
        facts=facts,
        decided_by=command.by.organisation,
        decided_on=on,
        ground=command.ground,
        application_id=command.application,
        effects=EFFECTS,
        about=about,
        filed_by=filed_by,
    )


def _refuse_revoked(repair: str, application: Application) -> None:
    for event in application.acts:
        if isinstance(event, RepairRevoked) and event.data.repair_id == repair:
            raise DoneAlreadyError(
                "该修复已撤销，请重新申请 (this repair was revoked: apply anew)", event.data.facts
            )


def _repair_in(logged: Iterable[Event], wanted: str) -> FactsRepaired:
    for event in logged:
        if isinstance(event, FactsRepaired) and event.id == wanted:
            return event
    raise NotKnownError("没有此修复决定 (there is no such repair)")
