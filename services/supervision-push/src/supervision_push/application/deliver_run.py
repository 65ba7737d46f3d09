"""Deliver what was read of a feed: request after request, and the books of all of them at once."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from supervision_push.application.delivery_ports import DeliveryPorts
from supervision_push.application.tell_changes import save_told, tell_failure
from supervision_push.domain.answer import Accepted, Failed, Gone, Outcome
from supervision_push.domain.attempt import Attempt, following_attempt, rest_between
from supervision_push.domain.entry import PushOutline, opened_by
from supervision_push.domain.outcome import accepted, failed, gone
from supervision_push.domain.subscription import Subscription

BOOKS_EVERY = timedelta(milliseconds=100)
"""How long what a receiver had may stay unwritten, while requests follow one another or one hangs.

One entry to a request costs as many books as a hundred would. A deliverer that dies delivers again
what it had not written down.
"""


@dataclass(slots=True, kw_only=True)
class _Run:
    """Requests of one subscription that follow one another."""

    kept_at: datetime
    """When the books were last kept."""
    asked_at: datetime
    """When the last request began."""
    stored: Subscription
    """As the books have it."""
    after: Subscription
    """As it stands after the last request."""
    had: list[PushOutline] = field(default_factory=list)
    """The pushes that its receiver has, and that are not in the books."""
    had_at: datetime | None = None
    """When it had the last of them."""
    signed: tuple[str, ...] = ()
    clerk: str | None = None


async def deliver_run(
    stored: Subscription, moved: Subscription, attempt: Attempt, *, by: DeliveryPorts
) -> Subscription | None:
    """Request after request with what was read; the books of all of them are kept at once."""
    began_at = by.clock()
    run = _Run(kept_at=began_at, asked_at=began_at, stored=stored, after=moved)
    by.traffic.in_flight.add(stored.id)
    try:
        following: Attempt | None = attempt
        while following is not None:
            attempt = following
            following = await _request(run, attempt, by=by)
        kept = await _keep(run, attempt, by=by)
    finally:
        by.traffic.in_flight.discard(stored.id)
    rest = (rest_between(run.after) - (by.clock() - run.asked_at)).total_seconds()
    if run.after.trouble is None and rest > 0:
        await by.sleep(rest)
    # Another deliverer moved it, or its organisation changed or removed it: go on from what holds.
    return run.stored if kept else await by.subscriptions.find(stored.id)


async def _request(run: _Run, attempt: Attempt, *, by: DeliveryPorts) -> Attempt | None:
    """One request; returns the next, unless the books must be kept first."""
    run.asked_at = by.clock()
    outcome = await _send(run, attempt, by=by)
    at = by.clock()
    run.after = _after(run.after, attempt, outcome, at, by=by)
    if not isinstance(outcome, Accepted):
        return None
    run.had += opened_by(attempt.entries)
    run.had_at = at
    if outcome.received:
        run.signed, run.clerk = outcome.received, outcome.by
        return None
    ends = run.after.id in by.traffic.ending or at - run.kept_at >= BOOKS_EVERY
    return None if ends else following_attempt(run.after, attempt)


async def _send(run: _Run, attempt: Attempt, *, by: DeliveryPorts) -> Outcome:
    sending = asyncio.ensure_future(by.sender.send(run.after, attempt.entries))
    try:
        if run.had:
            await asyncio.wait([sending], timeout=BOOKS_EVERY.total_seconds())
            if not sending.done():
                # This one takes its time: what came before it waits no longer. If the subscription
                # was changed meanwhile, the last save finds that too.
                await _keep(run, attempt, by=by)
        return await sending
    finally:
        sending.cancel()


async def _keep(run: _Run, attempt: Attempt, *, by: DeliveryPorts) -> bool:
    """Write down what the receiver had; false if the subscription no longer stands as it stood."""
    # Recorded before the cursor moves: whoever dies in between delivers and records again.
    organisation, channel, at = run.after.organisation, run.after.channel, by.clock()
    if run.had and run.had_at:
        await by.record_deliveries(organisation, run.had, channel, run.had_at)
    if run.signed:
        await by.sign_receipts(organisation, run.signed, run.clerk or channel)
    run.had, run.kept_at = [], at
    if not await save_told(run.stored, run.after, attempt.entries, at, by=by.subscriptions):
        return False
    run.stored = replace(run.after, revision=run.stored.revision + 1)
    return True


def _after(
    subscription: Subscription,
    attempt: Attempt,
    outcome: Outcome,
    at: datetime,
    *,
    by: DeliveryPorts,
) -> Subscription:
    match outcome:
        case Accepted():
            return accepted(subscription, attempt, outcome, at)
        case Failed() as failure:
            tell_failure(subscription, failure)
            return failed(
                subscription,
                attempt,
                failure,
                at=at,
                chance=by.chance(),
                give_up_after=by.give_up_after,
            )
        case Gone():
            return gone(subscription, at)
