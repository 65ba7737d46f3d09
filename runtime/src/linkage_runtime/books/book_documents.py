"""How the state of the books lies in MongoDB."""

from typing import Any

from linkage_runtime.books.claims import Claim, Place
from linkage_runtime.books.ports import Entry, Moment, Owed, Page


def page_in(document: dict[str, Any]) -> Page:
    """What ``page_document`` wrote; the entries may have been left aside."""
    return Page(
        number=document["_id"],
        at=document["at"],
        positions={one["place"]: one["next"] for one in document["positions"]},
        seen=document["seen"],
        entries=tuple(Entry(*one) for one in document.get("entries", ())),
    )


def page_document(page: Page) -> dict[str, Any]:
    """Places are no field names: they hold dots."""
    places = [{"place": place, "next": next_} for place, next_ in page.positions.items()]
    return {
        "_id": page.number,
        "at": page.at,
        "positions": places,
        "seen": page.seen,
        "entries": [list(entry) for entry in page.entries],
    }


def owed_document(owed: Owed) -> dict[str, Any]:
    """``_id`` is the key of the claim."""
    claim = owed.claim
    return {
        "_id": claim.key,
        "stage": claim.stage,
        "id": claim.id,
        "place": str(claim.place),
        "event": claim.event,
        "authority": owed.moment.authority,
        "hour": owed.moment.hour,
        "proof": list(claim.proof) if claim.proof else None,
        "origin": list(owed.origin) if owed.origin else None,
        "since": owed.since,
        "checked_at": owed.since,
        "dead": owed.dead,
    }


def owed_in(document: dict[str, Any]) -> Owed:
    """What ``owed_document`` wrote."""
    claim = Claim(
        stage=document["stage"],
        id=document["id"],
        place=Place(document["place"]),
        event=document["event"],
        authority=document["authority"],
        proof=_at(document["proof"]),
    )
    return Owed(
        claim=claim,
        since=document["since"],
        moment=Moment(document["hour"], document["authority"]),
        origin=_at(document["origin"]),
        dead=document["dead"],
    )


def _at(pair: list[str] | None) -> tuple[Place, str] | None:
    return (Place(pair[0]), pair[1]) if pair else None
