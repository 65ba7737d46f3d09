"""Apply for repair (信用修复一件事): one form for every authority concerned, and its withdrawal.

Of Order 36's four conditions (DOMAIN.md §4.2) the least term is computed here; that the behaviour
is corrected, what the materials show, and the other conditions in law are the authorities' to
judge; the public commitment must be there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from credit.application.acting import (
    Actor,
    ActRecorded,
    ActRefusedError,
    DoneAlreadyError,
    NotYoursError,
    known_facts,
    log,
    sources_of,
    stated,
)
from credit.application.applications import Application, application_in, applications_in
from credit.domain.facts import REPAIRABLE_KINDS, Fact
from credit.domain.repair import published_until, repairable_from
from credit.domain.scorecard import Scorecard
from credit.domain.standing import as_corrected, repaired_in
from credit.ports import ActLedger, FactLedger, Publisher
from linkage_contracts.decisions import Document
from linkage_contracts.ids import stable_id
from linkage_contracts.repairs import (
    RepairApplication,
    RepairApplied,
    RepairTerm,
    RepairWithdrawal,
    RepairWithdrawn,
)
from linkage_runtime.clock import day_of


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
class WithdrawApplication:
    """The party wants no decision any more, and says so where it applied."""

    party: str
    application: str
    by: Actor
    ground: str


async def apply_for_repair(
    command: ApplyForRepair,
    *,
    facts: FactLedger,
    acts: ActLedger,
    publisher: Publisher,
    scorecard: Scorecard,
    at: datetime,
) -> ActRecorded:
    """Put the application on the log; its id is the event's.

    The same again is the same, but for one that was refused, withdrawn or revoked: then it is a
    new one.

    Raises:
        ActRefusedError: facts unknown, good, repaired before, before their least term, or waiting
            in another application.
        TransientError: Kafka or MongoDB is away.
    """
    party = command.party
    known = await known_facts(party, command.facts, facts)
    applications = applications_in(await acts.of_party(party))
    id_, is_new = _id_of(command, applications)
    if not is_new:
        return ActRecorded(event_id=id_, is_new=False)
    _refuse_waiting(command.facts, applications)
    data = RepairApplication(
        **stated(command, day_of(at)),
        application_id=id_,
        terms=_terms(command.facts, known, scorecard, day_of(at)),
        commitment=command.commitment,
        materials=command.materials,
    )
    return await log(
        RepairApplied, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


async def withdraw_application(
    command: WithdrawApplication,
    *,
    facts: FactLedger,
    acts: ActLedger,
    publisher: Publisher,
    at: datetime,
) -> ActRecorded:
    """Put the withdrawal on the log: what nobody decided about, nobody need decide about.

    Raises:
        ActRefusedError: no such application, another window's, or decided in all its parts.
        TransientError: Kafka or MongoDB is away.
    """
    party = command.party
    application = application_in(await acts.of_party(party), command.application)
    filed = application.filed
    if not command.by.may_decide(filed.by):
        raise NotYoursError("由受理窗口撤回 (only the window that took it in may withdraw it)")
    id_ = stable_id("repair application withdrawn", command.application)
    if any(event.id == id_ for event in application.acts):
        return ActRecorded(event_id=id_, is_new=False)
    if not application.waiting:
        raise DoneAlreadyError("申请已全部办结 (all of it was decided before)")
    known = await known_facts(party, [term.fact for term in filed.terms], facts)
    data = RepairWithdrawal(
        **stated(command, day_of(at)),
        application_id=command.application,
        about=sources_of(known[fact] for fact in sorted(application.waiting)),
        filed_by=filed.by,
    )
    return await log(
        RepairWithdrawn, data, id_=id_, asked=command, at=at, known=known, publisher=publisher
    )


def _id_of(command: ApplyForRepair, applications: Iterable[Application]) -> tuple[str, bool]:
    """The id, and whether it is a new application."""
    known = {each.filed.application_id: each for each in applications}
    content = (command.party, command.by.organisation, command.ground, *sorted(command.facts))
    ids = (
        stable_id("repair application", *content, *((str(number),) if number else ()))
        for number in count()
    )
    id_ = next(id_ for id_ in ids if id_ not in known or not known[id_].may_come_again)
    return id_, id_ not in known


def _refuse_waiting(wanted: frozenset[str], applications: Iterable[Application]) -> None:
    for application in applications:
        if twice := wanted & application.waiting:
            id_ = application.filed.application_id
            raise DoneAlreadyError(
                f"这些事实已在申请 {id_} 中待办，请待其办结或先撤回 "
                "(they wait in that application: let it be decided, or withdraw it first)",
                twice,
            )


def _terms(
    wanted: frozenset[str], known: Mapping[str, Fact], scorecard: Scorecard, today: date
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
