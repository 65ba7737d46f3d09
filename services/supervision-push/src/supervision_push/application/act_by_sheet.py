"""Act on pushes as a filled-in sheet says: the acts of the API, in bulk, each row told apart."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from linkage_runtime.batched import batched
from supervision_push.application.act_on_pushes import Actor, Outcome
from supervision_push.application.enrol_parties import EnrolParties
from supervision_push.application.feed_back import DutyDone, FeedBack
from supervision_push.application.record_receipts import RecordReceipts
from supervision_push.application.return_pushes import Reason, ReturnPushes

AT_ONCE = 1_000
"""Pushes of one act, as many as one call of the API takes."""


class SheetAct(StrEnum):
    """What a row may ask for, in the order in which it is done."""

    RECEIVE = "receive"
    RETURN = "return"
    ENROL = "enrol"
    FEED_BACK = "feed_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledRow:
    """What a clerk filled in about one push."""

    number: int
    """Of the row in the sheet."""
    push_id: str
    by: str
    receive: bool = False
    return_reason: str | None = None
    suggested: str | None = None
    enrol: bool = False
    enrol_note: str | None = None
    feedback: DutyDone | None = None


@dataclass(slots=True, kw_only=True)
class RowOutcome:
    """What became of a row, act by act."""

    done: list[SheetAct] = field(default_factory=list)
    known: list[SheetAct] = field(default_factory=list)
    """Done before, and not done again."""
    refused: dict[SheetAct, str] = field(default_factory=dict)
    """Why, for the clerk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetActs:
    """The use cases that rows are handed to, with everything but command and actor bound."""

    receive: Callable[[RecordReceipts, Actor], Awaitable[Outcome]]
    return_: Callable[[ReturnPushes, Actor], Awaitable[Outcome]]
    enrol: Callable[[EnrolParties, Actor], Awaitable[Outcome]]
    feed_back: Callable[[FeedBack, Actor], Awaitable[Outcome]]


async def act_by_sheet(
    rows: Sequence[FilledRow], *, actor: Actor, acts: SheetActs
) -> dict[int, RowOutcome]:
    """Do what each row asks for; one refusal costs no other row, a second upload changes nothing.

    Returns:
        What became of each row, by its number.
    """
    outcomes = {row.number: RowOutcome() for row in rows}
    for wave in _waves(rows):
        for act, some, acting in _acting(wave, actor, acts):
            _note(outcomes, act, some, await acting)
    return outcomes


def _waves(rows: Iterable[FilledRow]) -> Iterator[list[FilledRow]]:
    """The rows in order, no push twice in one wave: its rows' outcomes could not be told apart."""
    of_push: dict[str, list[FilledRow]] = defaultdict(list)
    for row in rows:
        of_push[row.push_id].append(row)
    while of_push:
        yield [waiting.pop(0) for waiting in of_push.values()]
        of_push = {push_id: waiting for push_id, waiting in of_push.items() if waiting}


def _acting(
    rows: Sequence[FilledRow], actor: Actor, acts: SheetActs
) -> Iterator[tuple[SheetAct, list[FilledRow], Awaitable[Outcome]]]:
    """One call for as many rows as one command can say; each begins when it is awaited."""
    for by, some in _by_clerk(row for row in rows if row.receive):
        received = RecordReceipts(push_ids=_ids(some), by=by)
        yield SheetAct.RECEIVE, some, acts.receive(received, actor)
    for by, some in _by_clerk(row for row in rows if row.return_reason):
        reasons = {row.push_id: _reason(row) for row in some}
        yield SheetAct.RETURN, some, acts.return_(ReturnPushes(reasons=reasons, by=by), actor)
    for by, some in _by_clerk(row for row in rows if row.enrol):
        notes = {row.push_id: row.enrol_note for row in some}
        yield SheetAct.ENROL, some, acts.enrol(EnrolParties(notes=notes, by=by), actor)
    for by, some in _by_clerk(row for row in rows if row.feedback):
        duties = [row.feedback for row in some if row.feedback]
        yield SheetAct.FEED_BACK, some, acts.feed_back(FeedBack(duties=duties, by=by), actor)


def _by_clerk(rows: Iterable[FilledRow]) -> Iterator[tuple[str, list[FilledRow]]]:
    groups: dict[str, list[FilledRow]] = defaultdict(list)
    for row in rows:
        groups[row.by].append(row)
    for by, group in groups.items():
        for some in batched(group, AT_ONCE):
            yield by, some


def _reason(row: FilledRow) -> Reason:
    return Reason(text=row.return_reason or "", suggested=row.suggested)


def _ids(rows: Iterable[FilledRow]) -> list[str]:
    return [row.push_id for row in rows]


def _note(
    outcomes: dict[int, RowOutcome], act: SheetAct, rows: Iterable[FilledRow], outcome: Outcome
) -> None:
    refused = {one.id: one.detail for one in outcome.refused}
    changed = {after.push_id for _, after in outcome.changed}
    for row in rows:
        of_row = outcomes[row.number]
        if row.push_id in refused:
            of_row.refused[act] = refused[row.push_id]
        else:
            (of_row.done if row.push_id in changed else of_row.known).append(act)
