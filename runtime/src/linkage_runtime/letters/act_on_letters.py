"""Replay or discard dead letters: admitted first, then published, then marked.

What is published again is the event with its own id at a new offset of its topic: readers that had
it know it, and the one that buried it reads it once more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from linkage_contracts.envelope import Event
from linkage_runtime.errors import PermanentError
from linkage_runtime.letters.letter import Letter, event_id_in
from linkage_runtime.letters.mongo_acts import Act, Done, MongoLetterActs
from linkage_runtime.publisher import Headers, KafkaPublisher


class StillDeadError(PermanentError):
    """These bytes would be buried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Who acts, when and why."""

    by: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done about which letters, and what is left alone."""

    done: Done
    letters: tuple[Letter, ...] = ()
    over: tuple[tuple[Letter, Act], ...] = ()
    """Acted on already."""
    refused: tuple[tuple[Letter, str], ...] = ()
    """Would be buried again."""
    body: bytes | None = None
    """What is published in place of the one letter's own."""


def plan(
    done: Done, letters: Iterable[Letter], acts: Mapping[str, Act], *, body: bytes | None = None
) -> Plan:
    """Sort letters into what can be done and what cannot; nothing is changed by it."""
    wanted, over, refused = [], [], []
    for letter in letters:
        act = acts.get(letter.id)
        if act is not None and (act.published or act.done is not done):
            over.append((letter, act))
            continue
        if done is Done.REPLAYED:
            try:
                readable(letter, body)
            except StillDeadError as error:
                refused.append((letter, str(error)))
                continue
        wanted.append(letter)
    return Plan(
        done=done, letters=tuple(wanted), over=tuple(over), refused=tuple(refused), body=body
    )


def readable(letter: Letter, body: bytes | None = None) -> Event:
    """The event of a letter, or of what is to take its place.

    Raises:
        StillDeadError: this build cannot read it either, or it is another event.
    """
    try:
        event = letter.topic.read(letter.body if body is None else body)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[:3]
        told = "; ".join(f"{'.'.join(map(str, c['loc']))}: {c['msg']}" for c in found)
        raise StillDeadError(f"仍无法读取 (cannot be read still): {told}") from error
    if letter.event_id not in {None, event.id}:
        raise StillDeadError(
            f"事件编号不得更改 (the event keeps its id): {letter.event_id} → {event.id}"
        )
    return event


async def carry_out(
    planned: Plan, reason: Reason, *, acts: MongoLetterActs, publisher: KafkaPublisher
) -> int:
    """Do what was planned; returns how many letters this was.

    Raises:
        TransientError: broker or database are away; the same again goes on where this ended.
    """
    entered = [_act(planned, letter, reason) for letter in planned.letters]
    if planned.done is Done.DISCARDED:
        return len(entered) - len(await acts.admit(entered))
    await acts.admit(entered)
    # Whoever was faster, or was interrupted, stands in the books; only what is open is published.
    stand = await acts.of(letter.id for letter in planned.letters)
    mine = [one for one in planned.letters if _is_open(stand[one.id])]
    for topic, records in _by_topic(mine, planned.body):
        await publisher.send(topic, records)
    await acts.mark([letter.id for letter in mine])
    return len(mine)


def _act(planned: Plan, letter: Letter, reason: Reason) -> Act:
    replays = planned.done is Done.REPLAYED
    return Act(
        letter=letter.id,
        done=planned.done,
        by=reason.by,
        why=reason.why,
        at=reason.at,
        event_id=event_id_in(planned.body or letter.body),
        edited=planned.body is not None,
        published=not replays,
    )


def _is_open(act: Act) -> bool:
    return act.done is Done.REPLAYED and not act.published


def _by_topic(
    letters: Sequence[Letter], body: bytes | None
) -> list[tuple[str, list[tuple[bytes | None, bytes, Headers]]]]:
    """What is published where; a record that several readers buried is published once."""
    records: dict[str, dict[tuple[str, str], tuple[bytes | None, bytes, Headers]]] = {}
    for letter in letters:
        whole = letter.body if body is None else body
        key = readable(letter, body).partitionkey.encode()
        headers = [("dead-letter", letter.id.encode())]
        records.setdefault(letter.topic.name, {}).setdefault(letter.record, (key, whole, headers))
    return [(topic, list(by_record.values())) for topic, by_record in records.items()]
