"""Record a later act (变更, 延续, 撤回, 撤销, 注销) on a known decision, filled from the books."""

from dataclasses import dataclass
from datetime import datetime

from approval_events.application.accept_decisions import accepted_answer
from approval_events.application.answers import Answer, Emitter, recorded, rejected
from approval_events.application.ask_credit import Asker, Credit, ask_credit
from approval_events.application.drafts import Drafted
from approval_events.application.measure_answers import measure, place_of
from approval_events.application.ports import (
    Catalogues,
    DecisionVersions,
    Measurements,
    People,
    Publisher,
    RememberedDecisions,
)
from approval_events.domain.acting import act_faults_in, acted, base_of
from approval_events.domain.differences import differences
from approval_events.domain.drafting import Stamp, event_of, people_in
from approval_events.domain.identity import Identity, digest_of_act, event_id, party_key
from approval_events.domain.irregularity import Standards, Yardstick, irregularities
from approval_events.domain.rules import DoorRule, fault
from approval_events.domain.submission import ActSubmission
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.topics import DECISIONS
from linkage_runtime.clock import day_of
from linkage_runtime.errors import PermanentError
from linkage_runtime.faults import Fault


class DecisionUnknownError(PermanentError):
    """No such decision is recorded here, or not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAct:
    """One act of one request."""

    decision_id: str
    act: ActSubmission
    emitter: Emitter
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Where decisions stand: for good, and as the door remembers them."""

    versions: DecisionVersions
    known: RememberedDecisions


async def record_act(
    command: RecordAct,
    *,
    catalogues: Catalogues,
    books: Books,
    credit: Credit,
    people: People,
    yardstick: Yardstick,
    publisher: Publisher,
    measurements: Measurements,
) -> Answer:
    """Answer as for a decision sent whole.

    Raises:
        DecisionUnknownError: it is not recorded, or not yet, a moment after its acceptance.
        TransientError: nobody knows whether it was accepted; the same again takes effect once.
    """
    base = await _base(command, books.versions)
    if faults := _faults(command, base, people):
        answer = rejected(0, faults)
        measure([answer], [], {0: place_of(base)}, measurements)
        return answer
    standards = Standards(
        catalogue=await catalogues.in_force(),
        yardstick=yardstick,
        today=day_of(command.at),
    )
    drafted = await _draft(command, base, standards, credit=credit, people=people)
    repeat = await _recognise(drafted.event, books.known)
    accepted = [] if repeat else [drafted.event]
    await publisher.publish(DECISIONS, accepted)
    books.known.remember(accepted)
    answer = repeat or accepted_answer(0, drafted)
    measure([answer], accepted, {0: place_of(drafted.event)}, measurements)
    return answer


async def _base(command: RecordAct, versions: DecisionVersions) -> DecisionEvent:
    own_id = _event_id(command)
    base = base_of(await versions.versions([command.decision_id]), command.act.on, own_id)
    if base is None:
        msg = "没有此决定,或尚未入账,请稍后再试 (no such decision yet: try again in a moment)"
        raise DecisionUnknownError(msg)
    return base


def _faults(command: RecordAct, base: DecisionEvent, people: People) -> tuple[Fault, ...]:
    if base.data.authority.id not in command.emitter.authorities:
        return (fault(DoorRule.AUTHORITY_NOT_YOURS, ""),)
    return act_faults_in(command.act, base.data, key_of=people.key, today=day_of(command.at))


async def _draft(
    command: RecordAct,
    base: DecisionEvent,
    standards: Standards,
    *,
    credit: Credit,
    people: People,
) -> Drafted:
    act, party = command.act, command.act.changes.party
    stamp = Stamp(
        identity=Identity(
            decision_id=command.decision_id,
            event_id=_event_id(command),
            digest=digest_of_act(command.decision_id, act, people.key),
            party_key=party_key(party, command.decision_id, people.key)
            if party
            else base.data.party.key,
        ),
        catalogue=standards.catalogue,
        irregularities=(),
        accepted_at=command.at,
    )
    seals = await people.seal(list(people_in(party))) if party else {}
    decision = acted(act, base.data, stamp=stamp, seals=seals)
    codes = [item.code for item in decision.items]
    asker = Asker(party=decision.party.key, judged=decision, codes=codes)
    needs_classes = standards.yardstick.rules.looks_at_lists()
    (standing,) = await ask_credit([asker], credit=credit, needs_classes=needs_classes)
    found = irregularities(
        decision,
        codes=codes,
        region=decision.region,
        event_id=stamp.identity.event_id,
        standing=standing,
        standards=standards,
    )
    decision = decision.model_copy(update={"irregularities": found})
    event = event_of(decision, stamp.identity.event_id, command.emitter.organisation)
    return Drafted(event=event, unverified=standing.unverified)


async def _recognise(event: DecisionEvent, known: RememberedDecisions) -> Answer | None:
    """The answer, if something stands under this act's number and date already."""
    kept = (await known.events([event.id])).get(event.id)
    if kept is None:
        return None
    is_same = kept.data.digest == event.data.digest
    found = () if is_same else differences(kept.data, event.data)
    return recorded(
        0,
        "conflict" if found else "known",
        decision_id=event.subject,
        event_id=event.id,
        differences=found,
    )


def _event_id(command: RecordAct) -> str:
    act = command.act
    return event_id(command.decision_id, act.kind, act.on, act.document_number)
