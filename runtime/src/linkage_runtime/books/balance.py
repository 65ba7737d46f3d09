"""The comparison itself, pure: every difference between log and stores, named down to the id."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from linkage_contracts.ids import breach_id, finding_id
from linkage_runtime.books.log import Line, Log
from linkage_runtime.books.stores import Stores


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
    """Every difference; an event that was dead-lettered is accounted for."""
    return sorted({*_stored(log, stores), *_routed(log), *_on_feeds(log), *_unlogged(log, stores)})


def _stored(log: Log, stores: Stores) -> Iterator[Difference]:
    """What the log tells of must stand in the store that projects it."""
    decisions = decision_lines(log)
    results = result_lines(log)
    wanted: list[tuple[str, str, Iterable[str]]] = [
        ("decision", "approval_events.decisions", _ids(log, decisions)),
        ("linkage", "approval_events.linkages", {d.data["decision_id"] for d in decisions}),
        ("push", "supervision_push.pushes", _named(log, "push.opened", "push_id")),
        ("pool", "supervision_push.pool", _named(log, "decision.unrouted", "pool_id")),
        ("pool", "supervision_push.pool", _named(log, "push.returned", "pool_id")),
        ("feed entry", "supervision_push.feed_entries", _ids(log, log.starting("feed"))),
        ("result", "supervision_push.results", {r.data["result_id"] for r in results}),
        (
            "result",
            "approval_events.incoming_results",
            {r.data["result_id"] for r in results if "decision_id" in r.data},
        ),
        ("finding", "approval_events.findings", finding_ids(log)),
        ("finding", "supervision_push.findings", finding_ids(log)),
        ("breach", "approval_events.breaches", breach_ids(log)),
        ("breach", "supervision_push.breaches", breach_ids(log)),
        ("rating", "credit.ratings", _named(log, "credit.rated", "party")),
    ]
    for stage, place, ids in wanted:
        for id_ in set(ids) - stores.ids[place] - log.dead:
            yield Difference(stage, id_, place)


def _routed(log: Log) -> Iterator[Difference]:
    """Every decision event ends as pushed, or unrouted and waiting, or dead-lettered."""
    routed = {line.data["decision_event_id"] for line in log.of("push.opened").values()}
    routed |= {line.data["decision_event_id"] for line in log.of("decision.unrouted").values()}
    for id_ in _ids(log, decision_lines(log)) - routed:
        yield Difference("routing", id_, "supervision.progress.v1")


def _on_feeds(log: Log) -> Iterator[Difference]:
    """Every push stands on its recipient's feed, every result on its bureau's."""
    told = {line.data["push_id"] for line in log.of("feed.push-opened").values()}
    for id_ in _named(log, "push.opened", "push_id") - told:
        yield Difference("push", id_, "linkage.feeds.v1")
    forwarded = {line.data["result_id"] for line in log.of("feed.result-forwarded").values()}
    for line in result_lines(log):
        if "decision_id" in line.data and line.data["result_id"] not in forwarded:
            yield Difference("result", line.data["result_id"], "linkage.feeds.v1")


def _unlogged(log: Log, stores: Stores) -> Iterator[Difference]:
    """What a store holds and the log never told of."""
    for id_ in stores.ids["supervision_push.pushes"] - _named(log, "push.opened", "push_id"):
        yield Difference("push", id_, "supervision.progress.v1")
    for id_ in stores.unpublished:
        yield Difference("act", id_, "supervision.progress.v1")


def decision_lines(log: Log) -> list[Line]:
    """The decision events, without what else is said about decisions."""
    kinds = ("issued", "amended", "renewed", "withdrawn", "annulled", "deregistered")
    return [line for kind in kinds for line in log.of(f"decision.{kind}").values()]


def finding_ids(log: Log) -> set[str]:
    """One finding for each rule of approval that a decision event breaks."""
    return {
        finding_id(line.id, broken["rule"])
        for line in decision_lines(log)
        if line.id not in log.dead
        for broken in line.data.get("irregularities", ())
    }


def breach_ids(log: Log) -> set[str]:
    """One breach for each result about a licence that found its commitment broken."""
    return {
        breach_id(line.data["result_id"])
        for id_, line in log.of("result.commitment-broken").items()
        if "decision_id" in line.data and id_ not in log.dead
    }


def result_lines(log: Log) -> list[Line]:
    """What supervision found, without what became of it."""
    kinds = (
        *("inspection-recorded", "penalty-imposed", "rectification-ordered"),
        *("rectification-ended", "commitment-broken", "clue-raised", "action-requested"),
    )
    return [line for kind in kinds for line in log.of(f"result.{kind}").values()]


def _ids(log: Log, lines: Iterable[Line]) -> set[str]:
    return {line.id for line in lines} - log.dead


def _named(log: Log, type_: str, name: str) -> set[str]:
    return {line.data[name] for id_, line in log.of(type_).items() if id_ not in log.dead}
