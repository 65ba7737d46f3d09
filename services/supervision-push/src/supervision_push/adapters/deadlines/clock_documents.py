"""Clocks embedded in documents of any collection, and what they are found by.

A document that carries clocks has these fields, made by ``clock_fields``, and ``revision``::

    clocks: {receipt: {started_at, counts_from, working_days, due_on, due_at, warn_at, escalate_at,
             escalate_again_at, awaits_year, provisional, lapses, level, stopped_at, moves}, …}
    level:  how far the worst of them has gone (0 quiet, 1 warned, 2 overdue, 3 escalated, 4 again)
    next_at:     the earliest instant at which one of them has something to tell
    deem_at:     when policy takes the receipt for given
    resume_at:   when the first that stands still runs again by itself
    awaits_year: the first year that one of them was computed for without its notice
    open_until:  the end of the first of them that was not stopped

The last five are absent when there is no such instant or year, and each has a sparse index.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from linkage_contracts.codes import Clock, DeadlineCause
from supervision_push.domain.clocks import (
    ClockMove,
    Level,
    RunningClock,
    deem_at,
    highest_level,
    next_firing,
)


def clock_fields(clocks: Iterable[RunningClock]) -> dict[str, Any]:
    """The fields of a new document."""
    running = tuple(clocks)
    fields: dict[str, Any] = {
        "clocks": {str(clock.clock): _document(clock) for clock in running},
        "level": int(highest_level(running)),
    }
    return fields | {name: value for name, value in _found_by(running).items() if value is not None}


def clock_changes(clocks: Iterable[RunningClock]) -> dict[str, dict[str, Any]]:
    """``$set`` and ``$unset`` that bring an existing document to these clocks."""
    running = tuple(clocks)
    gone = {name: "" for name, value in _found_by(running).items() if value is None}
    return {"$set": clock_fields(running)} | ({"$unset": gone} if gone else {})


def clocks_in(document: Mapping[str, Any]) -> tuple[RunningClock, ...]:
    """The clocks of a document."""
    return tuple(_clock(name, fields) for name, fields in document.get("clocks", {}).items())


def _found_by(clocks: Sequence[RunningClock]) -> dict[str, Any]:
    pauses = [clock.pause for clock in clocks if clock.stopped_at is None]
    resumptions = [one.resumes_at for one in pauses if one and one.resumes_at]
    ends = [one.due_at for one in clocks if one.stopped_at is None]
    years = [one.awaits_year for one in clocks if one.awaits_year is not None and one.runs]
    return {
        "next_at": next_firing(clocks),
        "deem_at": deem_at(clocks),
        "resume_at": min(resumptions, default=None),
        "awaits_year": min(years, default=None),
        "open_until": min(ends, default=None),
    }


CLOCK_FIELDS = frozenset({"clocks", "level", *_found_by(())})
"""Every field that clocks can make in a document."""


def _document(clock: RunningClock) -> dict[str, Any]:
    fields = {
        "started_at": clock.started_at,
        "counts_from": clock.counts_from.isoformat(),
        "working_days": clock.working_days,
        "due_on": clock.due_on.isoformat(),
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "escalate_at": clock.escalate_at,
        "provisional": clock.provisional,
        "lapses": clock.lapses,
        "level": int(clock.level),
        "stopped_at": clock.stopped_at,
    }
    # What few clocks have stands only on those: every push has some clocks.
    rare = {
        "escalate_again_at": clock.escalate_again_at,
        "awaits_year": clock.awaits_year,
        "moves": [_move_document(move) for move in clock.moves] or None,
    }
    return fields | {name: value for name, value in rare.items() if value is not None}


def _clock(name: str, fields: Mapping[str, Any]) -> RunningClock:
    known = {key: value for key, value in fields.items() if key != "provisional"}
    return RunningClock(
        clock=Clock(name),
        **{
            **known,
            "counts_from": date.fromisoformat(fields["counts_from"]),
            "due_on": date.fromisoformat(fields["due_on"]),
            "level": Level(fields["level"]),
            "moves": tuple(_move(move) for move in fields.get("moves", ())),
        },
    )


def _move_document(move: ClockMove) -> dict[str, Any]:
    fields = {name: getattr(move, name) for name in ClockMove.__dataclass_fields__}
    days = {
        "cause": move.cause.value,
        "was_due_on": move.was_due_on.isoformat(),
        "due_on": move.due_on.isoformat(),
    }
    return {name: value for name, value in (fields | days).items() if value is not None}


def _move(fields: Mapping[str, Any]) -> ClockMove:
    return ClockMove(
        **{
            **fields,
            "cause": DeadlineCause(fields["cause"]),
            "was_due_on": date.fromisoformat(fields["was_due_on"]),
            "due_on": date.fromisoformat(fields["due_on"]),
        }
    )
