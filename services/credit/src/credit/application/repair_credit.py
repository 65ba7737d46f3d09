"""Repair credit (信用修复一件事): one application, decided by each authority for its own facts.

Order 36's four conditions (DOMAIN.md §4.2): the least term is computed here; that the behaviour is
corrected, what the materials show, and the other conditions in law are the authority's to judge;
the public commitment must be there. Nothing is kept but on the log: the worker does the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    DoneAlreadyError,
    NotKnownError,
    NotYoursError,
    act,
    known_facts,
    log,
)
from credit.domain.facts import REPAIRABLE_KINDS, Fact
from credit.domain.repair import published_until, repairable_from
from credit.domain.scorecard import Scorecard
from credit.domain.standing import as_corrected, repaired_in
from credit.ports import ActLedger, FactLedger, Publisher
from linkage_contracts.credit_acts import (
    FactsRepaired,
    Repair,
    RepairApplication,
    RepairApplied,
    RepairRefusal,
    RepairRefused,
    RepairTerm,
)
from linkage_contracts.decisions import Document
from linkage_contracts.envelope import Event
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.clock import day_of

EFFECTS = (
    "终止公示 publication ended",
    "停止共享和使用 sharing and use ended",
    "解除失信惩戒 sanctions lifted",
)
"""All three at once, on the day of the decision (DOMAIN.md §4.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyForRepair:
    """What the party hands in, at whatever window."""

    party: str
    facts: frozenset[str]
    by: Actor
    ground: str
    commitment: str
    materials: tuple[Document, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideRepair:
    """One authority's decision on its facts of an application."""

    party: str
    application: str
    by: Actor
    is_granted: bool
    ground: str


async def apply_for_repair(
    command: ApplyForRepair,
    *,
    facts: FactLedger,
    publisher: Publisher,
    scorecard: Scorecard,
    at: datetime,
) -> ActRecorded:
    """Put the application on the log; its id is the event's, the same again is the same.

    Raises:
        ActRefusedError: facts unknown, good, repaired before, or before their least term.
        TransientError: Kafka or MongoDB is away.
    """
    party, by = command.party, command.by.organisation
    known = await known_facts(party, command.facts, facts)
    terms = _terms(command.facts, known, scorecard, day_of(at))
    id_ = stable_id("repair application", party, by, command.ground, *sorted(command.facts))
    data = RepairApplication(
        party=party,
        by=by,
        on=day_of(at),
        ground=command.ground,
        application_id=id_,
        terms=terms,
        commitment=command.commitment,
        materials=command.materials,
    )
    event = act(RepairApplied, data, id_=id_, party=party, by=by, at=at)
    return await log(event, known.values(), publisher)


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
        ActRefusedError: no such application, nothing of this authority's, or repaired before.
        TransientError: Kafka or MongoDB is away.
    """
    logged = await acts.of_party(command.party)
    own = _own(_application(command.application, logged), command.by)
    known = await known_facts(command.party, own, facts)
    party, by, today = command.party, command.by.organisation, day_of(at)
    id_ = stable_id("repair", command.application, by, str(command.is_granted))
    if any(event.id == id_ for event in logged):
        return ActRecorded(event_id=id_, is_new=False)
    ordered = tuple(sorted(own - repaired_in(known.values())))
    if not ordered:
        raise DoneAlreadyError("这些事实已经修复 (these facts were repaired before)", own)
    if not command.is_granted:
        refusal = RepairRefusal(
            party=party,
            by=by,
            on=today,
            ground=command.ground,
            application_id=command.application,
            facts=ordered,
        )
        refused = act(RepairRefused, refusal, id_=id_, party=party, by=by, at=at)
        await publisher.publish(CREDIT_ACTS, [refused])
        return ActRecorded(event_id=id_, is_new=True)
    repair = Repair(
        party=party,
        facts=ordered,
        decided_by=by,
        decided_on=today,
        ground=command.ground,
        application_id=command.application,
        effects=EFFECTS,
    )
    event = act(FactsRepaired, repair, id_=id_, party=party, by=by, at=at)
    return await log(event, known.values(), publisher)


def _terms(
    wanted: frozenset[str], known: dict[str, Fact], scorecard: Scorecard, today: date
) -> tuple[RepairTerm, ...]:
    right = {fact.fact_id: fact for fact in as_corrected(known.values())}
    wrong = {f for f in wanted if f not in right or not _is_stain(right[f])}
    if wrong:
        msg = "这些不是失信信息，无须修复 (these don't speak against the party)"
        raise ActRefusedError(msg, wrong)
    if twice := wanted & repaired_in(known.values()):
        raise DoneAlreadyError("这些事实已经修复 (these facts were repaired before)", twice)
    terms = tuple(_term(right[fact], scorecard) for fact in sorted(wanted))
    if early := [term for term in terms if today < term.repairable_from]:
        days = "、".join(sorted({term.repairable_from.isoformat() for term in early}))
        raise ActRefusedError(
            f"未满最短公示期，{days} 起方可申请（国家发展改革委令第36号） "
            f"(the least term of publication is not over; apply from that day on)",
            [term.fact for term in early],
        )
    return terms


def _is_stain(fact: Fact) -> bool:
    return fact.kind in REPAIRABLE_KINDS and (fact.entry is None or fact.entry.is_adverse)


def _term(fact: Fact, scorecard: Scorecard) -> RepairTerm:
    seriousness = scorecard.seriousness_of(fact)
    return RepairTerm(
        fact=fact.fact_id,
        authority=fact.authority,
        seriousness=seriousness.value,
        repairable_from=repairable_from(fact, seriousness),
        published_until=published_until(fact, seriousness),
    )


def _application(wanted: str, acts: Iterable[Event]) -> RepairApplication:
    for event in acts:
        if isinstance(event, RepairApplied) and event.data.application_id == wanted:
            return event.data
    raise NotKnownError("没有此修复申请 (there is no such application)")


def _own(application: RepairApplication, by: Actor) -> frozenset[str]:
    own = frozenset(
        term.fact
        for term in application.terms
        if by.is_credit_office or term.authority == by.organisation
    )
    if not own:
        raise NotYoursError(
            "谁认定、谁修复：申请中没有本单位认定的事实 (no fact of it was found by you)",
            [term.fact for term in application.terms],
        )
    return own
