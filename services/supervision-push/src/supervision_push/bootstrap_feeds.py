"""Puts the feed half together: its stream handlers and its indexes."""

from collections.abc import Sequence
from datetime import datetime

from linkage_contracts.topics import ACTIONS, CREDIT_ACTS, FEEDS, RESULTS, Topic
from linkage_runtime.clock import now
from linkage_runtime.mongo import Database
from linkage_runtime.settlement import Handle, Message
from supervision_push.adapters.deadlines.mongo_referrals import MongoReferrals
from supervision_push.adapters.deadlines.mongo_rounds import MongoRounds
from supervision_push.adapters.deadlines.mongo_supplements import MongoSupplements
from supervision_push.adapters.feeds.feed_metrics import count_entries, declare_feed_metrics
from supervision_push.adapters.feeds.feed_outlines import stored_entry
from supervision_push.adapters.feeds.mongo_feed import MongoFeedLog, number_feeds
from supervision_push.adapters.results.mongo_results import MongoResultBook
from supervision_push.adapters.subscriptions.mongo_shares import MongoShareBook
from supervision_push.adapters.subscriptions.mongo_subscriptions import MongoSubscriptions
from supervision_push.application.forward_actions import forward_actions
from supervision_push.application.forward_credit_acts import forward_credit_acts
from supervision_push.application.forward_results import FoundResult, forward_results
from supervision_push.application.open_supplements import settle_supplements
from supervision_push.application.watch_breaches import watch_breaches
from supervision_push.application.watch_cases import watch_cases
from supervision_push.application.watch_findings import watch_findings
from supervision_push.application.write_feed import write_feed
from supervision_push.bootstrap import schedule_of
from supervision_push.wiring import Wiring


async def create_feed_indexes(database: Database) -> None:
    """Make the indexes of feeds, subscriptions and results, and number the feeds; repeatable."""
    await MongoFeedLog(database).create_indexes()
    await number_feeds(database)
    await MongoSubscriptions(database).create_indexes()
    await MongoShareBook(database).create()
    await MongoResultBook(database).create_indexes()


def feed_handlers(wiring: Wiring) -> dict[Topic, Handle]:
    """What the worker does with feeds, results, actions and acts on credit facts."""
    declare_feed_metrics()
    feed, supplements = MongoFeedLog(wiring.database), MongoSupplements(wiring.database)
    outcomes = outcome_handlers(wiring)

    async def write(messages: Sequence[Message]) -> None:
        known = await write_feed(
            [stored_entry(one.event, one.record) for one in messages], feed=feed
        )
        count_entries((message.event for message in messages), known)

    async def actions_in(messages: Sequence[Message]) -> None:
        await settle_supplements([one.event for one in messages], supplements=supplements)
        await outcomes[ACTIONS](messages)

    return {FEEDS: write, **outcomes, ACTIONS: actions_in}


def outcome_handlers(wiring: Wiring, told_until: datetime | None = None) -> dict[Topic, Handle]:
    """What the worker, and a rebuild, do with what comes of decisions.

    Args:
        wiring: over which collections.
        told_until: what was asked before then is taken for told.
    """
    schedule, own = schedule_of(wiring), wiring.database
    results, referrals = MongoResultBook(own), MongoReferrals(own["breaches"])
    findings = MongoRounds(own["findings"], told_until)
    breaches = MongoRounds(own["breaches"], told_until)
    cases = MongoRounds(own["cases"], told_until)

    async def results_in(messages: Sequence[Message]) -> None:
        await forward_results(
            [FoundResult(event=one.event, body=one.record.body or b"") for one in messages],
            results=results,
            publish=wiring.publisher,
            schedule=schedule,
            clock=now,
        )
        events = [message.event for message in messages]
        await watch_breaches(events, breaches=breaches, schedule=schedule)

    async def actions_in(messages: Sequence[Message]) -> None:
        events = [message.event for message in messages]
        await watch_findings(events, findings=findings, schedule=schedule)
        await watch_breaches(events, breaches=breaches, schedule=schedule)
        await forward_actions(
            events,
            results=results,
            catalogues=wiring.catalogues,
            publish=wiring.publisher,
            schedule=schedule,
            clock=now,
        )

    async def credit_acts_in(messages: Sequence[Message]) -> None:
        events = [message.event for message in messages]
        await watch_cases(events, cases=cases, schedule=schedule)
        await watch_breaches(events, breaches=breaches, schedule=schedule)
        await forward_credit_acts(
            events,
            referrals=referrals,
            publish=wiring.publisher,
            schedule=schedule,
            clock=now,
        )

    return {RESULTS: results_in, ACTIONS: actions_in, CREDIT_ACTS: credit_acts_in}
