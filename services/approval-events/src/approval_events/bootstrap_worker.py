"""Puts the worker together: what it does with each topic, and the sweep of the outbox."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import structlog

from approval_events.adapters.assembly import Adapters
from approval_events.application.note_ratings import note_ratings
from approval_events.application.record_actions import record_actions
from approval_events.application.record_credit import record_credit
from approval_events.application.record_decisions import record_decisions
from approval_events.application.record_progress import record_progress
from approval_events.application.record_results import record_results
from approval_events.application.settle_tolerances import SettledTolerances
from linkage_contracts.topics import (
    ACTIONS,
    CREDIT_ACTS,
    DECISIONS,
    PROGRESS,
    RATINGS,
    RESULTS,
    Topic,
)
from linkage_runtime.errors import TransientError
from linkage_runtime.settlement import Handle, Message

log = structlog.get_logger()

SERVICE = "approval-events"
"""The consumer group too."""


def handlers_for(adapters: Adapters) -> dict[Topic, Handle]:
    """What the worker does with each topic."""
    ledger, results, findings = adapters.ledger, adapters.results, adapters.findings
    settled = SettledTolerances(
        tolerances=adapters.tolerances, decisions=adapters.decisions, publisher=adapters.publisher
    )
    others = (adapters.commitments, settled)
    matters = (findings, adapters.breaches, *others)
    return {
        DECISIONS: _handling(
            partial(
                record_decisions,
                decisions=adapters.decisions,
                conflicts=adapters.conflicts,
                findings=findings,
                matters=others,
                ledger=ledger,
                publisher=adapters.publisher,
                measurements=adapters.measurements,
            )
        ),
        PROGRESS: _handling(partial(record_progress, matters=matters, ledger=ledger)),
        RESULTS: _handling(
            partial(record_results, results=results, matters=matters, ledger=ledger)
        ),
        ACTIONS: _handling(
            partial(record_actions, results=results, matters=matters, ledger=ledger)
        ),
        CREDIT_ACTS: _handling(partial(record_credit, matters=matters, ledger=ledger)),
        RATINGS: _handling(partial(note_ratings, ratings=adapters.ratings)),
    }


def _handling(record: Callable[[Sequence[Any]], Awaitable[None]]) -> Handle:
    async def handle(messages: Sequence[Message]) -> None:
        await record([message.event for message in messages])

    return handle


async def publish_what_was_left(adapters: Adapters) -> None:
    """Sweep every outbox once; trouble outside is left to the next time."""
    holders = (adapters.results, adapters.findings, adapters.breaches, adapters.tolerances)
    try:
        count = sum([await holder.sweep() for holder in holders])
    except TransientError as error:
        log.warning("outbox not swept", cause=str(error))
    else:
        if count:
            log.info("outbox swept", acts=count)
