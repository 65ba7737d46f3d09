"""The whole audit, pure: every difference between log and stores, named down to the id."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from linkage_runtime.books.claims import Claim, Place, answers, claims_of
from linkage_runtime.books.ledger_facts import LEDGER_FACTS
from linkage_runtime.books.log import Log
from linkage_runtime.books.stores import Stores

_TOLD_ON = {
    Place.DECISIONS: ("decision", "approval.decisions.v1"),
    Place.PUSHES: ("push", "supervision.progress.v1"),
    Place.POOL: ("pool", "supervision.progress.v1"),
    Place.DELIVERIES: ("delivery", "supervision.progress.v1"),
    Place.ENTRIES: ("feed entry", "linkage.feeds.v1"),
    Place.RESULTS: ("result", "supervision.results.v1"),
    Place.FACTS: ("credit fact", "the topics that credit reads"),
    Place.ACTS: ("credit act", "credit.acts.v1"),
    Place.RATINGS: ("rating", "credit.ratings.v1"),
    Place.LEDGER: ("ledger fact", "the topics that approval-events reads"),
}
"""What a store may only hold because the log tells of it."""
_KINDS = frozenset(kind for kind, _ in LEDGER_FACTS.values())


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """Something that must stand in a place and does not."""

    stage: str
    id: str
    missing_in: str

    def __str__(self) -> str:
        """One line for a person."""
        return f"{self.stage} {self.id}: {self.missing_in} 中没有 (not in {self.missing_in})"


def differences(log: Log, stores: Stores) -> list[Difference]:
    """Every difference; an event is accounted for with the reader that buried it."""
    wanted: dict[Place, dict[str, Claim]] = defaultdict(dict)
    met: set[str] = set()
    for line in log:
        for claim in claims_of(line):
            wanted[claim.place].setdefault(claim.id, claim)
        if key := answers(line):
            met.add(key)
    return sorted({*_missing(wanted, met, log, stores), *_unlogged(wanted, stores)})


def _missing(
    wanted: dict[Place, dict[str, Claim]], met: set[str], log: Log, stores: Stores
) -> Iterator[Difference]:
    for place, claims in wanted.items():
        for id_, claim in claims.items():
            stands = claim.key in met if place.is_topic else id_ in stores.ids[place]
            if not stands and not log.is_dead(claim.event, place.reader):
                yield Difference(claim.stage, id_, place)


def _unlogged(wanted: dict[Place, dict[str, Claim]], stores: Stores) -> Iterator[Difference]:
    """What a store holds and the log never told of."""
    for place, (stage, topic) in _TOLD_ON.items():
        for id_ in stores.ids[place] - wanted[place].keys():
            if place is not Place.LEDGER or id_.split("/")[1] in _KINDS:
                yield Difference(stage, id_, topic)
    for id_ in stores.unpublished:
        yield Difference("act", id_, "the log")
