"""Rate parties: from all their facts; published if the content changed, stored by compare-and-set.

Publishing comes before storing, so what is stored was published: whoever dies in between repeats
both, with the same event id. Stored ratings are read before the facts, and facts are never taken
away, so a rating computed here has never seen less than the stored one that it replaces.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from credit.domain.rating import due_on, facts_seen, rate
from credit.domain.scorecard import Scorecard
from credit.ports import FactLedger, Publisher, RatingLedger, Revision
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import PartyRated, Rating
from linkage_contracts.topics import RATINGS
from linkage_runtime.clock import day_of
from linkage_runtime.errors import TransientError

MOST_ROUNDS = 5
"""Somebody else moved a rating on while we looked: look again, but not for ever."""


async def rate_parties(
    parties: Collection[str],
    *,
    facts: FactLedger,
    ratings: RatingLedger,
    publisher: Publisher,
    scorecard: Scorecard,
    at: datetime,
) -> tuple[Rating, ...]:
    """Rate these parties as of the day of ``at``.

    Returns:
        The ratings whose content changed, ``previous_class`` telling from what.

    Raises:
        TransientError: Kafka or MongoDB is away, or others rate the same parties all the time.
    """
    waiting, overtaken = frozenset(parties), frozenset[str]()
    changed: dict[str, Rating] = {}
    for _ in range(MOST_ROUNDS):
        if not waiting:
            return tuple(changed.values())
        stored = await ratings.of_parties(waiting)
        known = await facts.of_parties(waiting)
        revisions = [
            _revise(stored.get(party), rate(party, known[party], scorecard, day_of(at)), at)
            for party in sorted(waiting & known.keys())
        ]
        changed |= await _publish_news(revisions, overtaken, publisher)
        waiting = overtaken = await ratings.save([r for r in revisions if _is_newer(r)])
    if waiting:
        raise TransientError(f"{len(waiting)} parties are being rated by others at the same time")
    return tuple(changed.values())


async def _publish_news(
    revisions: Iterable[Revision], overtaken: Collection[str], publisher: Publisher
) -> dict[str, Rating]:
    """Publish what changed, and what an overtaken round may have put an older rating behind."""
    news = {r.after.party: r for r in revisions if _is_news(r)}
    again = {r.after.party: r for r in revisions if r.after.party in overtaken}
    await publisher.publish(
        RATINGS, [rated(_current(revision), revision.at) for revision in (news | again).values()]
    )
    return {party: revision.after for party, revision in news.items()}


def rated(rating: Rating, at: datetime) -> PartyRated:
    """The event that tells a rating; its id is the same whenever that rating is told."""
    return PartyRated(
        id=stable_id(
            "rating",
            rating.party,
            str(rating.revision),
            rating.as_of.isoformat(),
            rating.scorecard,
        ),
        source="/organisations/linkage",
        subject=stable_id("party", rating.party),
        time=at,
        recordedtime=at,
        partitionkey=rating.party,
        emitter="linkage",
        data=rating,
    )


def _revise(before: Rating | None, after: Rating, at: datetime) -> Revision:
    previous = before.risk_class if before else None
    return Revision(
        before=before, after=after.model_copy(update={"previous_class": previous}), at=at
    )


def _content(rating: Rating) -> tuple[object, ...]:
    return rating.risk_class, rating.points, rating.bars, rating.scorecard


def _due(rating: Rating) -> tuple[object, ...]:
    return rating.next_change_on, due_on(rating)


def _is_news(revision: Revision) -> bool:
    """Whether the world must be told: class, points, bars or scorecard are not what it knows."""
    return _is_newer(revision) and (
        revision.before is None or _content(revision.before) != _content(revision.after)
    )


def _is_newer(revision: Revision) -> bool:
    """Whether to store it: it has seen more facts, or a later day changed what they amount to."""
    before, after = revision.before, revision.after
    if before is None or after.revision <= before.revision:
        return before is None
    return facts_seen(after) > facts_seen(before) or (
        (_content(before), _due(before)) != (_content(after), _due(after))
    )


def _current(revision: Revision) -> Rating:
    if _is_newer(revision) or revision.before is None:
        return revision.after
    return revision.before
