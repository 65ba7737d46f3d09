"""Rate parties: from all their facts; published and stored by compare-and-set when it is another.

Publishing comes before storing, so what is stored was published: whoever dies in between repeats
both, with the same event id. Stored ratings are read before the facts, and facts are never taken
away, so a rating computed here has never seen less than the stored one that it replaces.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, time

from credit.domain.current import Measures, current_rating
from credit.ports import FactLedger, Publisher, RatingLedger, Revision
from linkage_contracts.ids import stable_id
from linkage_contracts.ratings import PartyRated, Rating
from linkage_contracts.topics import RATINGS
from linkage_runtime.clock import SHANGHAI, day_of
from linkage_runtime.errors import TransientError

MOST_ROUNDS = 5
"""Somebody else moved a rating on while we looked: look again, but not for ever."""


async def rate_parties(
    parties: Collection[str],
    *,
    facts: FactLedger,
    ratings: RatingLedger,
    publisher: Publisher,
    measures: Measures,
    at: datetime,
) -> tuple[Revision, ...]:
    """Rate these parties as of the day of ``at``.

    Returns:
        The ratings that are new, each with the one that it replaced.

    Raises:
        TransientError: Kafka or MongoDB is away, or others rate the same parties all the time.
    """
    waiting, overtaken = frozenset(parties), frozenset[str]()
    changed: dict[str, Revision] = {}
    for _ in range(MOST_ROUNDS):
        if not waiting:
            return tuple(changed.values())
        stored = await ratings.of_parties(waiting)
        known = await facts.of_parties(waiting)
        revisions = [
            Revision(
                before=stored.get(party),
                after=current_rating(party, known[party], measures, day_of(at)),
            )
            for party in sorted(waiting & known.keys())
        ]
        news = [revision for revision in revisions if revision.is_news]
        # What an overtaken round told may stand behind a newer rating on the topic.
        again = [r for r in revisions if r.after.party in overtaken and not r.is_news]
        await _publish([*news, *again], publisher, at)
        changed |= {revision.after.party: revision for revision in news}
        waiting = overtaken = await ratings.save(news, measures.rank)
    if waiting:
        raise TransientError(f"{len(waiting)} parties are being rated by others at the same time")
    return tuple(changed.values())


async def _publish(revisions: Sequence[Revision], publisher: Publisher, at: datetime) -> None:
    current = [r.after if r.is_news or r.before is None else r.before for r in revisions]
    await publisher.publish(RATINGS, [rated(rating, at) for rating in current])


def rated(rating: Rating, at: datetime) -> PartyRated:
    """The event that tells a rating; all but ``recordedtime`` is the same whenever it is told."""
    return PartyRated(
        id=stable_id("rating", rating.party, str(rating.revision)),
        source="/organisations/linkage",
        subject=stable_id("party", rating.party),
        time=datetime.combine(rating.as_of, time.min, tzinfo=SHANGHAI),
        recordedtime=at,
        partitionkey=rating.party,
        emitter="linkage",
        data=rating,
    )
