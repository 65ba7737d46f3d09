"""Persons of this service's domain in the runtime's vault."""

from collections.abc import Mapping, Sequence

from approval_events.domain.identity import Person
from linkage_contracts.parties import SealedPerson
from linkage_runtime.personal_data import PersonalData, PersonalVault


class VaultPeople:
    """See ``People``."""

    def __init__(self, vault: PersonalVault) -> None:
        self._vault = vault

    def key(self, person: Person) -> str:
        """See ``People``."""
        return self._vault.person(_data(person))

    async def seal(self, people: Sequence[Person]) -> Mapping[Person, SealedPerson]:
        """See ``People``."""
        boxes = await self._vault.seal([_data(person) for person in people])
        return dict(zip(people, boxes, strict=True))

    async def open(self, sealed: SealedPerson) -> Person:
        """See ``People``."""
        data = await self._vault.open(sealed)
        return Person(name=data.name, id_type=data.id_type, id_number=data.id_number)

    async def erase(self, person: str) -> bool:
        """See ``People``."""
        return await self._vault.erase(person)


def _data(person: Person) -> PersonalData:
    return PersonalData(name=person.name, id_type=person.id_type, id_number=person.id_number)
