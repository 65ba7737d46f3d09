"""Draw up a list (名单) as of a day: who stands on it on what ground, and who is eliminated, why.

Of a bidders' preselection (投标人预选) those remain who stand on it and on no list that eliminates
from it (淘汰); by lists alone, never by a class.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from credit.application.acting import NotKnownError
from credit.domain.facts import Fact, name_in
from credit.domain.lists import Lists
from credit.domain.standing import standing
from credit.ports import ActLedger, FactLedger
from linkage_contracts.credit_acts import PartyListed
from linkage_contracts.envelope import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it was made."""

    fact: str
    party: str
    list_code: str
    title: str
    authority: str
    since: date
    until: date
    ground: str | None
    document_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A party on the list, and what eliminates it, if anything does."""

    party_name: str | None
    entry: Entry
    eliminated_by: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnUp:
    """A page of the list; ``next`` is the party after which the following one begins."""

    places: tuple[Place, ...]
    next: str | None


async def draw_up_list(
    list_code: str,
    on: date,
    *,
    after: str,
    limit: int,
    lists: Lists,
    facts: FactLedger,
    acts: ActLedger,
) -> DrawnUp:
    """All who stand on it that day, in the order of their codes; a page may hold fewer.

    Raises:
        NotKnownError: no such list.
    """
    rules = lists.of_code(list_code)
    if rules is None:
        codes = "、".join(each.code for each in lists.lists)
        raise NotKnownError(f"没有此名单，现有 (no such list; there are): {codes}")
    parties = await facts.ever_listed(list_code, after, limit)
    following = parties[-1] if len(parties) == limit else None
    known = await facts.of_parties(parties)
    counted = {party: standing(known[party], on) for party in parties if party in known}
    told = {list_code, *rules.eliminated_by}
    listed = {
        party: [fact for fact in own if fact.entry and fact.entry.list_code in told]
        for party, own in counted.items()
    }
    made = await acts.of_ids([fact.event_id for own in listed.values() for fact in own])
    places = [
        place
        for party in sorted(listed)
        for place in _places(list_code, name_in(known[party]), _entries(listed[party], made))
    ]
    return DrawnUp(places=tuple(places), next=following)


def _places(list_code: str, name: str | None, entries: Mapping[str, Entry]) -> Iterator[Place]:
    """The party's place, if it has one: of one list one entry counts."""
    if list_code in entries:
        yield Place(
            party_name=name,
            entry=entries[list_code],
            eliminated_by=tuple(one for code, one in entries.items() if code != list_code),
        )


def _entries(facts: Iterable[Fact], made: Mapping[str, Event]) -> Mapping[str, Entry]:
    """The entries by their lists; ``made`` are the acts, which tell the grounds."""
    entries: dict[str, Entry] = {}
    for fact in facts:
        act, entry = made.get(fact.event_id), fact.entry
        if entry is not None:
            entries[entry.list_code] = Entry(
                fact=fact.fact_id,
                party=fact.party,
                list_code=entry.list_code,
                title=entry.title,
                authority=fact.authority,
                since=fact.occurred_on,
                until=entry.until,
                ground=act.data.ground if isinstance(act, PartyListed) else None,
                document_number=fact.document_number,
            )
    return entries
