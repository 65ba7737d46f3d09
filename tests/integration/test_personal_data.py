"""Personal data: readable only with the person's key, and gone for ever without it."""

import asyncio

import pytest

from linkage_runtime.mongo import Database
from linkage_runtime.personal_data import ErasedPersonError, PersonalData, PersonalVault

PERSON = PersonalData(name="测试人", id_type="身份证", id_number="450721190001010010")
MASTER = bytes(range(32))


async def test_a_sealed_person_shows_a_mask_and_opens_with_the_key(store: Database) -> None:
    vault = PersonalVault(store["keys"], MASTER)
    (sealed,) = await vault.seal([PERSON])
    assert sealed.masked_name == "测**"
    assert "450721" not in sealed.model_dump_json()
    assert await vault.open(sealed) == PERSON


async def test_one_person_has_one_key_however_many_seal_at_once(store: Database) -> None:
    vaults = [PersonalVault(store["keys"], MASTER) for _ in range(8)]
    sealed = await asyncio.gather(*(vault.seal([PERSON, PERSON]) for vault in vaults))
    assert {one.person for pair in sealed for one in pair} == {vaults[0].person(PERSON)}
    assert await store["keys"].count_documents({}) == 1
    for pair in sealed:
        assert await vaults[0].open(pair[1]) == PERSON


async def test_erasing_the_key_erases_the_person_from_everything_ever_sealed(
    store: Database,
) -> None:
    vault = PersonalVault(store["keys"], MASTER)
    (before,) = await vault.seal([PERSON])
    assert await vault.erase(before.person)
    with pytest.raises(ErasedPersonError):
        await vault.open(before)
    (after,) = await vault.seal([PERSON])
    assert await vault.open(after) == PERSON
    with pytest.raises(ErasedPersonError):
        await vault.open(before)


async def test_another_master_key_opens_nothing_and_names_nobody(store: Database) -> None:
    vault, stranger = (
        PersonalVault(store["keys"], MASTER),
        PersonalVault(store["keys"], bytes(32)),
    )
    (sealed,) = await vault.seal([PERSON])
    assert stranger.person(PERSON) != sealed.person
