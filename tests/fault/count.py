"""The count: every item of the load in every topic and store, none lost, none doubled, in order.

Nothing here asks the services: what was accepted (``Book``) says what must stand where.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise

from linkage_contracts.ids import finding_id
from linkage_contracts.topics import TOPICS
from tests.fault.fates import Fate, party_of
from tests.fault.verdict import Evidence, Key, Verdict
from tests.log import Letter, Seen
from tests.story.organisations import BUREAU, FIRE, REGULATOR

_DECISIONS = tuple(
    f"decision.{kind}"
    for kind in ("issued", "amended", "renewed", "withdrawn", "annulled", "deregistered")
)
_RESULTS = ("result.inspection-recorded",)
_DEADLINES = ("deadline.warned", "deadline.overdue", "deadline.escalated")
_PUSHED = (
    *(Fate.RECEIVED, Fate.ENROLLED, Fate.INSPECTED, Fate.AMENDED),
    *(Fate.REROUTED, Fate.POOLED, Fate.COMMITTED),
)
_RETURNED = (Fate.REROUTED, Fate.POOLED)
_KEPT = tuple(fate for fate in _PUSHED if fate not in _RETURNED)
_ENROLLED = (Fate.ENROLLED, Fate.INSPECTED, Fate.COMMITTED)


def count(evidence: Evidence) -> Verdict:
    """Count everything."""
    verdict = Verdict()
    _decisions(evidence, verdict)
    _first_loop(evidence, verdict)
    _second_loop(evidence, verdict)
    _deadlines(evidence, verdict)
    _ledger(evidence, verdict)
    _feeds(evidence, verdict)
    _order(evidence, verdict)
    _dead_letters(evidence, verdict)
    verdict.surprises += evidence.book.surprises
    if evidence.stores.unpublished:
        verdict.lost.append(f"{evidence.stores.unpublished} acts are held and not published")
    return verdict


def _keys(events: Iterable[Seen], *names: str) -> list[Key]:
    return [tuple(str(event.data.get(name, "")) for name in names) for event in events]


def _decisions(evidence: Evidence, verdict: Verdict) -> None:
    log, stores = evidence.log, evidence.stores
    accepted = {(id_,) for id_ in evidence.book.accepted}
    verdict.compare("decisions on the log", accepted, [(one.id,) for one in log.of(*_DECISIONS)])
    verdict.compare("decisions stored", accepted, [(id_,) for id_ in stores.decisions])
    linkages = {(one.decision_id,) for one in evidence.book.accepted.values()}
    verdict.compare("linkages", linkages, [(id_,) for id_ in stores.linkages])
    results = {(one.id,) for one in log.of(*_RESULTS)}
    told = {(fact["event_id"],) for fact in stores.facts}
    verdict.compare("credit facts", accepted | results, told)


def _first_loop(evidence: Evidence, verdict: Verdict) -> None:
    book, log, stores = evidence.book, evidence.log, evidence.stores
    opened = {(one.event_id, REGULATOR) for one in book.with_fate(*_PUSHED)}
    opened |= {(one.event_id, FIRE) for one in book.with_fate(Fate.REROUTED)}
    names = ("decision_event_id", "recipient")
    verdict.compare("pushes opened", opened, _keys(log.of("push.opened"), *names))
    stored = [(push["event_id"], push["recipient"]) for push in stores.pushes]
    verdict.compare("pushes stored", opened, stored)
    for stage, type_, fates in (
        ("pushes received", "push.received", _KEPT),
        ("pushes returned", "push.returned", _RETURNED),
        ("parties enrolled", "push.enrolled", _ENROLLED),
        ("inspections fed back", "push.fed-back", (Fate.INSPECTED,)),
    ):
        wanted = {(one.event_id, REGULATOR) for one in book.with_fate(*fates)}
        verdict.compare(stage, wanted, _keys(log.of(type_), *names))
        state = _STORED[type_]
        verdict.compare(
            f"{stage}, stored",
            wanted,
            [(p["event_id"], p["recipient"]) for p in stores.pushes if p.get(state)],
        )
    unrouted = {(one.event_id,) for one in book.with_fate(Fate.UNROUTED)}
    told = _keys(log.of("decision.unrouted"), "decision_event_id")
    verdict.compare("decisions unrouted", unrouted, told)
    waiting = unrouted | {(one.event_id,) for one in book.with_fate(Fate.POOLED)}
    verdict.compare(
        "waiting in the pool",
        waiting,
        [(one["event_id"],) for one in stores.pool if one.get("waiting")],
    )


_STORED = {
    "push.received": "receipt",
    "push.returned": "returned",
    "push.enrolled": "enrolment",
    "push.fed-back": "feedback",
}


def _second_loop(evidence: Evidence, verdict: Verdict) -> None:
    book, log, stores = evidence.book, evidence.log, evidence.stores
    inspected = {(one.decision_id,) for one in book.with_fate(Fate.INSPECTED)}
    for stage, type_ in (
        ("results", "result.inspection-recorded"),
        ("results forwarded", "result.forwarded"),
        ("results on the bureau's feed", "feed.result-forwarded"),
        ("results received", "action.result-received"),
        ("receipts on the regulator's feed", "feed.result-received"),
        ("actions reported", "action.reported"),
        ("reports on the regulator's feed", "feed.action-reported"),
        ("reports forwarded", "report.forwarded"),
    ):
        verdict.compare(stage, inspected, _keys(log.of(type_), "decision_id"))
    results = {(one.data["result_id"],) for one in log.of(*_RESULTS)}
    verdict.compare("results stored", results, [(id_,) for id_ in stores.results])
    verdict.compare(
        "results stored with the bureau",
        results,
        [(r["_id"],) for r in stores.incoming if r.get("received") and r.get("reports")],
    )


def _deadlines(evidence: Evidence, verdict: Verdict) -> None:
    late = {one.decision_id for one in evidence.book.with_fate(Fate.COMMITTED)}
    wanted = {(one, "commitment_check", level) for one in late for level in ("2", "3")}
    told = _keys(evidence.log.of(*_DEADLINES), "decision_id", "clock", "level")
    verdict.compare("deadlines told", wanted, told)
    recipients = {"overdue": (REGULATOR, BUREAU), "escalated": (REGULATOR,)}
    for kind, organisations in recipients.items():
        entries = evidence.log.of(f"feed.{kind}")
        own = [one for one in entries if one.key in organisations]
        verdict.compare(
            f"{kind} on the feeds",
            {(one, organisation) for one in late for organisation in organisations},
            [(one.data["decision_id"], one.key) for one in own],
        )
    if evidence.stores.due:
        verdict.lost.append(f"{evidence.stores.due} deadlines are over and not told")


_LEDGER: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(_DECISIONS, ("decided", None)),
    "decision.unrouted": ("unrouted", "pool_id"),
    "push.opened": ("opened", "push_id"),
    "push.delivered": ("delivered", "push_id"),
    "push.received": ("received", "push_id"),
    "push.returned": ("returned", "push_id"),
    "push.enrolled": ("enrolled", "push_id"),
    "push.fed-back": ("fed_back", None),
    "result.inspection-recorded": ("found", "result_id"),
    "result.forwarded": ("forwarded", "result_id"),
    "action.result-received": ("result_received", "result_id"),
    "action.reported": ("reported", None),
    "report.forwarded": ("report_forwarded", "result_id"),
    "deadline.overdue": ("overdue", None),
    "deadline.escalated": ("escalated", None),
    "action.finding-closed": ("finding_closed", "finding_id"),
}
"""What each event is in a linkage's facts, and by what it is named there; by its own id if not."""


def _ledger(evidence: Evidence, verdict: Verdict) -> None:
    wanted = {
        (event.data["decision_id"], kind, event.data[name] if name else event.id)
        for type_, (kind, name) in _LEDGER.items()
        for event in evidence.log.of(type_)
    }
    wanted |= {
        (event.data["decision_id"], "finding_raised", finding_id(event.id, breach["rule"]))
        for event in evidence.log.of(*_DECISIONS)
        for breach in event.data.get("irregularities", ())
    }
    found = [
        (id_, kind, key)
        for id_, linkage in evidence.stores.linkages.items()
        for kind, places in linkage["facts"].items()
        for key in places
    ]
    verdict.compare("facts in the ledger", wanted, found)
    inspected = {(one.decision_id,) for one in evidence.book.with_fate(Fate.INSPECTED)}
    closed = [(id_,) for id_, one in evidence.stores.linkages.items() if one["state"] == "closed"]
    lost = inspected - set(closed)
    verdict.counts["linkages closed"] = len(closed)
    verdict.lost += [f"linkage not closed {id_}" for (id_,) in lost]


def _feeds(evidence: Evidence, verdict: Verdict) -> None:
    logged = [one for one in evidence.log.events.values() if one.topic == "linkage.feeds.v1"]
    stored = [(e["_id"], str(e["partition"]), str(e["offset"])) for e in evidence.stores.entries]
    wanted = {(one.id, str(one.partition), str(one.offset)) for one in logged}
    verdict.compare("feed entries, each at its first place", wanted, stored)
    own = {(one.id,) for one in logged if one.key == REGULATOR}
    verdict.compare("entries at the webhook", own, [(id_,) for id_ in evidence.arrived])
    handed = {(p,) for one in evidence.stores.deliveries for p in one["push_ids"]}
    opened = {(p["_id"],) for p in evidence.stores.pushes if p["recipient"] == REGULATOR}
    verdict.compare("pushes delivered", opened, handed)


def _order(evidence: Evidence, verdict: Verdict) -> None:
    log, book = evidence.log, evidence.book
    position = {id_: at for ids in book.order.values() for at, id_ in enumerate(ids)}
    party = {id_: party_of(one.number) for id_, one in book.accepted.items()}

    def told_in_order(stage: str, events: Iterable[Seen], of: Callable[[Seen], str]) -> None:
        last: dict[str, int] = {}
        for event in sorted(events, key=lambda one: (one.partition, one.offset)):
            decision = of(event)
            if decision in position:
                at, who = position[decision], party[decision]
                if at < last.get(who, -1):
                    verdict.disordered.append(f"{stage}: {decision} of {who}")
                last[who] = at

    told_in_order("decisions of a party", log.of(*_DECISIONS), lambda one: one.id)
    entries = [one for one in log.of("feed.push-opened") if one.key == REGULATOR]
    told_in_order("a party on a feed", entries, lambda one: one.data["decision_event_id"])
    places = [log.events[id_].offset for id_ in evidence.arrived if id_ in log.events]
    verdict.disordered += [
        f"at the webhook: offset {after} came after {before}"
        for before, after in pairwise(places)
        if after < before
    ]


def _dead_letters(evidence: Evidence, verdict: Verdict) -> None:
    readers = {topic.name: topic.readers for topic in TOPICS}
    wanted = {
        Letter(one.topic, reader, f"{one.partition}/{one.offset}")
        for one in evidence.book.poison
        for reader in readers[one.topic]
    }
    verdict.compare("dead letters", _as_keys(wanted), _as_keys(evidence.log.letters))


def _as_keys(letters: Iterable[Letter]) -> set[Key]:
    return {(letter.topic, letter.reader, letter.source) for letter in letters}
