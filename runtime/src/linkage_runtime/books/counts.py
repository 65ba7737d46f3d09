"""The numbers of the books: what was decided, pushed, received, fed back, closed."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from linkage_runtime.books.line import DECISION_KINDS, RESULT_KINDS, Line, raised_by
from linkage_runtime.books.log import Log
from linkage_runtime.books.stores import Stores

Counts = dict[str, dict[str, int]]

_PUSH_STEPS = {
    "opened": "push.opened",
    "delivered": "push.delivered",
    "received": "push.received",
    "returned": "push.returned",
    "recalled": "push.recalled",
    "enrolled": "push.enrolled",
}
_FINDING_STEPS = {
    "answered": "answered",
    "sent_back": "sent-back",
    "accepted": "accepted",
    "closed": "closed",
}
_DEADLINES = ("warned", "overdue", "escalated")


def counts(log: Log, stores: Stores) -> Counts:
    """Distinct things, however often each event was sent."""
    decisions = _of_kinds(log, "decision", DECISION_KINDS)
    steps = {name: len(_pushes(log, type_)) for name, type_ in _PUSH_STEPS.items()}
    return {
        "decisions": {
            "events": len(decisions),
            "distinct": len({line.data["decision_id"] for line in decisions}),
            "conflicts": len(log.of("action.conflict-found")),
        },
        "pushes": steps
        | {
            "fed_back": len(_pushes(log, "push.fed-back")),
            "unrouted": len(log.of("decision.unrouted")),
            "waiting": len(_pool_ids(log) - _resolved(log)),
        },
        "deadlines": {name: len(log.of(f"deadline.{name}")) for name in _DEADLINES},
        "results": {
            "posted": len(
                {line.data["result_id"] for line in _of_kinds(log, "result", RESULT_KINDS)}
            ),
            "received": len(_results(log, "action.result-received")),
            "returned": len(_results(log, "action.result-returned")),
            "acted": len(_results(log, "action.reported")),
        },
        "findings": {"raised": len({id_ for line in decisions for id_ in raised_by(line)})}
        | {
            name: len(
                {line.data["finding_id"] for line in log.of(f"action.finding-{type_}").values()}
            )
            for name, type_ in _FINDING_STEPS.items()
        },
        "linkages": {"open": stores.linkages["open"], "closed": stores.linkages["closed"]},
        "ratings": {"changed": len(class_changes(log))},
        "dead_letters": {"buried": log.buried},
    }


def by_organisation(log: Log) -> dict[str, Counter[str]]:
    """Per organisation: what a supervisor was sent and did, what came back to a bureau."""
    table: dict[str, Counter[str]] = {}

    def add(organisation: str, column: str) -> None:
        table.setdefault(organisation, Counter())[column] += 1

    for name, type_ in (*_PUSH_STEPS.items(), ("fed_back", "push.fed-back")):
        for _, recipient in _pushes(log, type_):
            add(recipient, name)
    for name in _DEADLINES:
        for line in log.of(f"deadline.{name}").values():
            add(line.data["organisation"], name)
    for name, type_ in (
        ("results_received", "action.result-received"),
        ("results_returned", "action.result-returned"),
        ("results_acted", "action.reported"),
    ):
        for _, authority in _results(log, type_):
            add(authority, name)
    return table


class ClassChange(NamedTuple):
    """One party that moved, and the criteria that moved it."""

    party: str
    before: str
    after: str
    why: str


def class_changes(log: Log) -> list[ClassChange]:
    """Every change of class, by party; each later rating repeats the last, until the next."""
    changes = {
        (line.data["party"], line.data["class_since"], line.data["risk_class"]): ClassChange(
            line.data["party"],
            line.data["previous_class"],
            line.data["risk_class"],
            ", ".join(reason["title"] for reason in line.data.get("reasons", ())),
        )
        for line in log.of("credit.rated").values()
        if "class_since" in line.data
    }
    return sorted(changes.values())


def _of_kinds(log: Log, about: str, kinds: Iterable[str]) -> list[Line]:
    return [line for kind in kinds for line in log.of(f"{about}.{kind}").values()]


def _pushes(log: Log, type_: str) -> set[tuple[str, str]]:
    return {(line.data["push_id"], line.data["recipient"]) for line in log.of(type_).values()}


def _results(log: Log, type_: str) -> set[tuple[str, str]]:
    return {(line.data["result_id"], line.data["authority"]) for line in log.of(type_).values()}


def _pool_ids(log: Log) -> set[str]:
    return {
        line.data["pool_id"]
        for type_ in ("decision.unrouted", "push.returned")
        for line in log.of(type_).values()
    }


def _resolved(log: Log) -> set[str]:
    return {
        line.data["resolves"] for line in log.of("push.opened").values() if "resolves" in line.data
    }
