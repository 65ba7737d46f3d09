"""Personal data: readable only with the person's key, and gone for ever without it."""

import asyncio

import pytest

from linkage_runtime.master_keys import MasterKeys
from linkage_runtime.mongo import Database
from linkage_runtime.personal_data import ErasedPersonError, PersonalData, PersonalVault
from supervision_push.adapters.subscriptions.mongo_secrets import seal_secrets_anew
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets

PERSON = PersonalData(name="测试人", id_type="身份证", id_number="450721190001010010")
MASTER = MasterKeys(bytes(range(32)))


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
        PersonalVault(store["keys"], MasterKeys(bytes(32))),
    )
    (sealed,) = await vault.seal([PERSON])
    assert stranger.person(PERSON) != sealed.person


OTHER = bytes(reversed(range(32)))
NAMED_BY = MASTER.naming
CHANGING = MasterKeys(OTHER, (MASTER.current,), NAMED_BY)
CHANGED = MasterKeys(OTHER, (), NAMED_BY)


async def test_after_resealing_the_new_master_key_opens_what_was_sealed_before_and_erased_stays_so(
    store: Database,
) -> None:
    vault, gone = PersonalVault(store["keys"], MASTER), PersonalData(name="已删", id_number="x")
    sealed, erased = await vault.seal([PERSON, gone])
    await vault.erase(erased.person)
    changing = PersonalVault(store["keys"], CHANGING)
    assert await changing.is_behind()
    assert await changing.seal_anew() == (1, 1)
    assert await changing.seal_anew() == (0, 1)
    assert not await changing.is_behind()
    changed = PersonalVault(store["keys"], CHANGED)
    assert await changed.open(sealed) == PERSON
    assert (await changed.seal([PERSON]))[0].person == sealed.person
    with pytest.raises(ErasedPersonError):
        await changed.open(erased)


async def test_webhook_secrets_are_sealed_anew_and_everybody_who_holds_one_reads_it_again(
    store: Database,
) -> None:
    before, changing = SealedSecrets(MASTER), SealedSecrets(CHANGING)
    both = {"sealed_secret": before.seal("s1", "new"), "old_secret": before.seal("s1", "old")}
    await store["subscriptions"].insert_many(
        [{"_id": "s1", "revision": 4, **both}, {"_id": "s2", "revision": 1, "sealed_secret": None}]
    )
    assert await seal_secrets_anew(store["subscriptions"], changing) == (2, 2)
    assert await seal_secrets_anew(store["subscriptions"], changing) == (0, 2)
    found = await store["subscriptions"].find_one({"_id": "s1"}) or {}
    changed = SealedSecrets(CHANGED)
    assert changed.open("s1", found["sealed_secret"]) == "new"
    assert changed.open("s1", found["old_secret"]) == "old"
    assert found["revision"] == 6
