"""The patrol: each document of one service's store against what another service stored of it.

Both were made from the log independently, so what stands in one and not in the other was broken
afterwards. What is broken in the same way in both is seen by the whole audit alone.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from linkage_contracts.ids import stable_id
from linkage_runtime.books.claims import Claim, Place, claims_of
from linkage_runtime.books.ledger_facts import BESIDE, LEDGER_FACTS
from linkage_runtime.books.line import Line

Document = Mapping[str, Any]
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LICENCE = "licence_"
_OF_REPORTS = frozenset({"breach_confirmed", "breach_cleared"})
_STEPS = {
    "delivery": "delivered",
    "receipt": "received",
    "returned": "returned",
    "enrolment": "enrolled",
    "recalled": "recalled",
}
"""Fields of a push, and what the ledger calls them."""


class Walk(NamedTuple):
    """A store that is walked through, and what each of its documents says must stand elsewhere."""

    place: Place
    claims: Callable[[Document], Iterator[Claim]]


def _of_page(page: Document) -> Iterator[Claim]:
    """A linkage's page: everything that its facts claim of the other stores."""
    for kind, places in page.get("facts", {}).items():
        for key, fact in places.items():
            line = None if kind in BESIDE else _line(page, kind, key, fact)
            for claim in claims_of(line) if line else ():
                if claim.place.is_topic and claim.proof and claim.proof[0] is Place.ENTRIES:
                    yield Claim(
                        "feed entry", claim.proof[1], Place.ENTRIES, claim.event, claim.authority
                    )
                elif not claim.place.is_topic and claim.place is not Place.LEDGER:
                    yield claim


def _line(page: Document, kind: str, key: str, fact: Document) -> Line | None:
    """The event that a fact was, as far as the ledger keeps it."""
    what = str(fact.get("type", "")).removeprefix("linkage.").removesuffix(".v1")
    if LEDGER_FACTS.get(what, ("", None))[0] != kind:
        return None
    name = LEDGER_FACTS[what][1]
    data = dict(fact) | {"decision_id": page["_id"], "authority": page.get("authority", "")}
    if name:
        data[name] = key
    data["irregularities"] = [{"rule": rule} for rule in fact.get("irregular", ())]
    key_ = str(fact.get("party", {}).get("key", ""))
    return Line(fact["id"], fact["type"], page["_id"], key_, _BEGINNING, data)


def _of_decision(decision: Document) -> Iterator[Claim]:
    yield from _facts(decision, ("decided", decision["_id"]))


def _of_push(push: Document) -> Iterator[Claim]:
    """Every step of a push was told, and stands in the ledger."""
    yield from _facts(push, ("opened", push["_id"]))
    yield from _facts(push, *((kind, push["_id"]) for step, kind in _STEPS.items() if step in push))
    for one in push.get("feedback", ()):
        told = stable_id("linkage.push.fed-back.v1", push["_id"], one["duty"])
        yield from _facts(push, ("fed_back", told))


def _of_result(result: Document) -> Iterator[Claim]:
    if result.get("authority"):
        yield from _facts(result, ("found", result["_id"]), ("forwarded", result["_id"]))


def _of_credit(fact: Document) -> Iterator[Claim]:
    if fact["kind"].startswith(_LICENCE):
        yield from _facts(fact, ("decided", fact["event_id"]))
    elif fact.get("result_id") and fact["kind"] not in _OF_REPORTS:
        yield from _facts(fact, ("found", fact["result_id"]))


def _facts(document: Document, *facts: tuple[str, str]) -> Iterator[Claim]:
    """Facts in the ledger of the decision that a document is about, if it is about one."""
    decision, authority = document.get("decision_id"), str(document.get("authority") or "")
    if decision:
        for kind, key in facts:
            yield Claim("ledger fact", f"{decision}/{kind}/{key}", Place.LEDGER, key, authority)


WALKS = (
    Walk(Place.LEDGER, _of_page),
    Walk(Place.DECISIONS, _of_decision),
    Walk(Place.PUSHES, _of_push),
    Walk(Place.RESULTS, _of_result),
    Walk(Place.FACTS, _of_credit),
)
