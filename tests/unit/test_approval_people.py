"""Personal data: opened one by one on record, or erased; and the bars that ratings carry."""

from collections.abc import Sequence
from datetime import date

import pytest

from approval_events.application.erase_person import ErasePerson, erase_person
from approval_events.application.note_ratings import note_ratings
from approval_events.application.open_party import (
    NoSuchDecisionError,
    OpenedParty,
    OpenParty,
    open_party,
)
from approval_events.application.ports import Opening
from approval_events.application.replace_catalogue import replace_catalogue
from approval_events.domain.identity import Person
from linkage_contracts.codes import RiskClass
from linkage_contracts.ratings import PartyRated, Rating
from tests.unit.approval_builders import (
    BUREAU,
    NOW,
    OTHER_BUREAU,
    PARTY_CODE,
    PERSON,
    RESIDENT_ID,
    catalogue,
    row,
)
from tests.unit.approval_fakes import (
    Door,
    FakeCatalogues,
    FakeOpenings,
    FakePeople,
)
from tests.unit.approval_loops import envelope

LI = Person(name="李四海", id_type="身份证", id_number=RESIDENT_ID)


class LockedPeople(FakePeople):
    """Opens nothing."""

    async def open(self, sealed: object) -> Person:
        raise AssertionError(sealed)


async def opened_by(organisation: str, openings: FakeOpenings) -> tuple[OpenedParty, str]:
    door = Door()
    [answer] = await door.accept(row(party=PERSON))
    await door.books.add(door.events)
    assert answer.decision_id
    command = OpenParty(
        decision_id=answer.decision_id,
        organisation=organisation,
        authorities=frozenset(),
        key_id="k1",
        reason="核对",
        at=NOW,
    )
    opened = await open_party(command, decisions=door.books, people=door.people, openings=openings)
    return opened, answer.decision_id


async def test_a_party_is_opened_in_full_and_the_opening_recorded() -> None:
    openings = FakeOpenings()
    opened, decision_id = await opened_by(BUREAU, openings)
    assert opened.party == LI
    assert opened.name == "李**"
    assert openings.kept == [
        Opening(
            act="opened",
            subject=decision_id,
            organisation=BUREAU,
            key_id="k1",
            reason="核对",
            at=NOW,
        )
    ]


async def test_nobody_opens_another_authoritys_party() -> None:
    openings = FakeOpenings()
    with pytest.raises(NoSuchDecisionError):
        await opened_by(OTHER_BUREAU, openings)
    assert not openings.kept


async def test_the_record_stands_before_the_box_is_opened() -> None:
    door, openings = Door(people=LockedPeople()), FakeOpenings()
    [answer] = await door.accept(row(party=PERSON))
    await door.books.add(door.events)
    assert answer.decision_id
    command = OpenParty(
        decision_id=answer.decision_id,
        organisation=BUREAU,
        authorities=frozenset(),
        key_id="k1",
        reason="核对",
        at=NOW,
    )
    with pytest.raises(AssertionError):
        await open_party(command, decisions=door.books, people=door.people, openings=openings)
    assert len(openings.kept) == 1


async def test_an_erasure_is_recorded_and_deletes_the_key() -> None:
    people, openings = FakePeople(), FakeOpenings()
    await people.seal([LI])
    command = ErasePerson(person=people.key(LI), organisation="admin", key_id="k1", at=NOW)
    assert await erase_person(command, people=people, openings=openings)
    assert people.erased == [people.key(LI)]
    assert [opening.act for opening in openings.kept] == ["erased"]


def rated(name: str, party: str, revision: int) -> PartyRated:
    rating = Rating(
        party=party,
        party_name="x",
        risk_class=RiskClass.RAISED,
        points=10,
        scorecard="s",
        as_of=date(2026, 11, 23),
        revision=revision,
    )
    return PartyRated(**envelope(name, 0), data=rating)


class NotedRatings:
    def __init__(self) -> None:
        self.noted: list[PartyRated] = []

    async def note(self, ratings: Sequence[PartyRated]) -> None:
        self.noted += ratings


async def test_of_several_revisions_the_newest_is_noted() -> None:
    ratings = NotedRatings()
    events = [rated("a", PARTY_CODE, 2), rated("b", PARTY_CODE, 3), rated("c", PARTY_CODE, 1)]
    await note_ratings([*events, rated("d", "other", 1)], ratings=ratings)
    assert {(noted.data.party, noted.data.revision) for noted in ratings.noted} == {
        (PARTY_CODE, 3),
        ("other", 1),
    }


async def test_a_replaced_catalogue_is_in_force_by_its_version() -> None:
    catalogues = FakeCatalogues()
    shorter = catalogue(mappings=[])
    in_force = await replace_catalogue(shorter, catalogues=catalogues)
    assert in_force.version == shorter.version != catalogue().version
    assert await catalogues.in_force() == shorter
