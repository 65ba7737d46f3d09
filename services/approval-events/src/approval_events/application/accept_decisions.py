"""Accept decisions, one or thousands: check, recognise, publish, answer.

Log first: only Kafka is written here, and an answer says "accepted" only after it acknowledged the
event. What two senders race for, the ledger sorts out (``record_decisions``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from approval_events.application.answers import Answer, Emitter, Row, recorded, rejected
from approval_events.application.ask_credit import Credit
from approval_events.application.drafts import Draft, Drafted, events_of, in_turns
from approval_events.application.measure_answers import Place, measure
from approval_events.application.ports import (
    Catalogues,
    Measurements,
    People,
    Publisher,
    RememberedDecisions,
)
from approval_events.domain.differences import Difference, differences
from approval_events.domain.door import faults_in
from approval_events.domain.drafting import items_of
from approval_events.domain.identity import identify
from approval_events.domain.irregularity import Standards, Yardstick
from approval_events.domain.submission import Submission
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.topics import DECISIONS
from linkage_runtime.clock import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptDecisions:
    """The rows of one request."""

    rows: Sequence[Row]
    emitter: Emitter
    at: datetime


@dataclass(slots=True)
class _Sorted:
    """Drafts by what is known of their ids: nothing, the very same, or another content."""

    new: list[Draft] = field(default_factory=list)
    repeats: list[Draft] = field(default_factory=list)
    suspects: list[Draft] = field(default_factory=list)


async def accept_decisions(
    command: AcceptDecisions,
    *,
    catalogues: Catalogues,
    decisions: RememberedDecisions,
    credit: Credit,
    people: People,
    yardstick: Yardstick,
    publisher: Publisher,
    measurements: Measurements,
) -> list[Answer]:
    """Answer every row, in the order given; a bad row costs no good one.

    Raises:
        TransientError: nobody knows what was accepted; the same again takes effect once.
    """
    catalogue = await catalogues.in_force()
    drafts, answers = await _at_the_door(command, catalogue, people)
    known = await decisions.digests([draft.identity.event_id for draft in drafts])
    found = _sort(drafts, known)
    drafted = await events_of(
        [*found.new, *found.suspects],
        emitter=command.emitter.organisation,
        at=command.at,
        standards=Standards(catalogue=catalogue, yardstick=yardstick, today=day_of(command.at)),
        credit=credit,
        people=people,
    )
    accepted = [drafted[draft.row].event for draft in found.new]
    await publisher.publish(DECISIONS, accepted)
    decisions.remember(accepted)
    answers += [_recorded(draft, "known") for draft in found.repeats]
    answers += [accepted_answer(draft.row, drafted[draft.row]) for draft in found.new]
    answers += await _compare(found.suspects, drafted, accepted, decisions)
    sent = {row.number: row.submission for row in command.rows}
    measure(answers, accepted, _places(answers, sent, catalogue), measurements)
    return sorted(answers, key=lambda answer: answer.row)


def accepted_answer(row: int, drafted: Drafted) -> Answer:
    """Kafka has it."""
    event = drafted.event
    return Answer(
        row=row,
        status="accepted",
        decision_id=event.subject,
        event_id=event.id,
        irregularities=event.data.irregularities,
        unverified=drafted.unverified,
    )


def _places(
    answers: Sequence[Answer], sent: Mapping[int, Submission | None], catalogue: Catalogue
) -> dict[int, Place]:
    """Where those are that became no event; of what nobody could read that is unknown."""
    places: dict[int, Place] = {}
    for answer in answers:
        if answer.status != "accepted" and (submission := sent[answer.row]):
            bureau = catalogue.authority_by_id.get(submission.authority)
            region = submission.region or (bureau.region if bureau else "")
            places[answer.row] = region, items_of(submission, catalogue)
    return places


async def _at_the_door(
    command: AcceptDecisions, catalogue: Catalogue, people: People
) -> tuple[list[Draft], list[Answer]]:
    drafts: list[Draft] = []
    answers: list[Answer] = []
    today = day_of(command.at)
    async for row in in_turns(command.rows):
        if row.submission is None:
            answers.append(rejected(row.number, row.faults))
        elif faults := faults_in(
            row.submission,
            catalogue=catalogue,
            allowed=command.emitter.authorities,
            today=today,
        ):
            answers.append(rejected(row.number, faults))
        else:
            identity = identify(row.submission, people.key)
            drafts.append(Draft(row=row.number, submission=row.submission, identity=identity))
    return drafts, answers


def _sort(drafts: Sequence[Draft], known: Mapping[str, str]) -> _Sorted:
    found, kept = _Sorted(), dict(known)
    for draft in drafts:
        digest = kept.setdefault(draft.identity.event_id, "")
        if not digest:
            kept[draft.identity.event_id] = draft.identity.digest
            found.new.append(draft)
        elif digest == draft.identity.digest:
            found.repeats.append(draft)
        else:
            found.suspects.append(draft)
    return found


async def _compare(
    suspects: Sequence[Draft],
    drafted: Mapping[int, Drafted],
    accepted: Sequence[DecisionEvent],
    decisions: RememberedDecisions,
) -> list[Answer]:
    """Name what differs from the content that stands, in the books or in this very request."""
    kept = {event.id: event for event in accepted}
    asked = [d.identity.event_id for d in suspects if d.identity.event_id not in kept]
    kept |= await decisions.events(asked) if asked else {}
    answers = []
    for draft in suspects:
        first = kept.get(draft.identity.event_id)
        found = differences(first.data, drafted[draft.row].event.data) if first else ()
        is_same = first is not None and not found
        answers.append(_recorded(draft, "known" if is_same else "conflict", found))
    return answers


def _recorded(
    draft: Draft, status: Literal["known", "conflict"], found: Sequence[Difference] = ()
) -> Answer:
    identity = draft.identity
    return recorded(
        draft.row,
        status,
        decision_id=identity.decision_id,
        event_id=identity.event_id,
        differences=found,
    )
