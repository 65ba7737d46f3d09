"""Personal data: sealed under a key per person, so that deleting the key erases the person.

Events are kept for ever. What identifies a natural person stands in them only as AES-256-GCM boxes;
each person's key lies in MongoDB, itself wrapped under the master key. Views show masks.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linkage_contracts.parties import SealedPerson
from linkage_runtime.clock import now
from linkage_runtime.errors import PermanentError
from linkage_runtime.master_keys import Boxes, MasterKeys
from linkage_runtime.mongo import Collection, find_by, insert_new, transient_errors

RESIDENT_ID = "身份证"
"""What an id number is when nobody says what it is."""
_NONCE = 12


class ErasedPersonError(PermanentError):
    """The person's key was deleted: nobody can read the box any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """What identifies one natural person, before it is sealed."""

    name: str
    id_type: str | None = None
    id_number: str | None = None


def mask_name(name: str) -> str:
    """The family name and stars: 张*, 欧**."""
    return name[:1] + "*" * max(1, len(name) - 1)


class PersonalVault:
    """Seals and opens personal data; keys live in ``linkage_access.personal_keys``."""

    def __init__(self, keys: Collection, master: MasterKeys) -> None:
        self._keys = keys
        self._wrap = Boxes(b"wrap", master)
        self._hash_key = master.naming

    def person(self, data: PersonalData) -> str:
        """A keyed hash that names the person without telling who it is."""
        kind = data.id_type or RESIDENT_ID
        named_by = f"{kind}|{data.id_number}" if data.id_number else f"name|{data.name}"
        digest = hmac.new(self._hash_key, named_by.encode(), hashlib.sha256).hexdigest()
        return f"person:{digest[:32]}"

    async def seal(self, people: Sequence[PersonalData]) -> list[SealedPerson]:
        """Seal many at once, in the order given: two database calls at most."""
        names = [self.person(data) for data in people]
        keys = await self._keys_of(names)
        return [
            SealedPerson(
                person=person,
                masked_name=mask_name(data.name),
                box=_encrypt(keys[person], person, data),
            )
            for person, data in zip(names, people, strict=True)
        ]

    async def open(self, sealed: SealedPerson) -> PersonalData:
        """Read one box; the caller records who opened it and why.

        Raises:
            ErasedPersonError: the key was deleted, or the box is not of this person.
        """
        with transient_errors():
            found = await self._keys.find_one({"_id": sealed.person})
        if found is None:
            msg = "该自然人的信息已删除 (this person's data was erased)"
            raise ErasedPersonError(msg)
        raw = base64.b64decode(sealed.box)
        try:
            key = AESGCM(self._unwrapped(found))
            plain = key.decrypt(raw[:_NONCE], raw[_NONCE:], sealed.person.encode())
        except InvalidTag as error:
            msg = "密文与该自然人的密钥不符 (the box does not fit this person's key)"
            raise ErasedPersonError(msg) from error
        return PersonalData(**json.loads(plain))

    async def erase(self, person: str) -> bool:
        """Delete the key: all boxes of this person, on every topic, become noise for ever."""
        with transient_errors():
            return (await self._keys.delete_one({"_id": person})).deleted_count == 1

    async def fits(self) -> bool | None:
        """Whether a master key opens what is stored, tried on one; None: nothing is stored."""
        with transient_errors():
            found = await self._keys.find_one()
        if found is None:
            return None
        try:
            self._unwrapped(found)
        except InvalidTag:
            return False
        return True

    async def is_behind(self) -> bool:
        """Whether anything that is stored is wrapped under another than the current master key.

        Raises:
            InvalidTag: as ``seal_anew``.
        """
        with transient_errors():
            async for one in self._keys.find():
                if self._wrap.sealed_anew(one["wrapped"], one["_id"]) is not None:
                    return True
        return False

    async def seal_anew(self) -> tuple[int, int]:
        """Wrap under the current master key what is wrapped under another; how many, of how many.

        Raises:
            InvalidTag: no master key that is set opens one of them.
        """
        anew = seen = 0
        with transient_errors():
            async for one in self._keys.find():
                seen += 1
                wrapped = self._wrap.sealed_anew(one["wrapped"], one["_id"])
                if wrapped is not None:
                    # Whoever was erased meanwhile stays erased.
                    unchanged = {"_id": one["_id"], "wrapped": one["wrapped"]}
                    done = await self._keys.update_one(unchanged, {"$set": {"wrapped": wrapped}})
                    anew += done.modified_count
        return anew, seen

    async def _keys_of(self, names: Sequence[str]) -> dict[str, bytes]:
        wanted = list(dict.fromkeys(names))
        keys = await self._stored(wanted)
        if missing := [name for name in wanted if name not in keys]:
            # Two processes may make a key at once: the index lets one win, and both read that one.
            await insert_new(self._keys, [self._new_key(name) for name in missing])
            keys |= await self._stored(missing)
        return keys

    async def _stored(self, names: Sequence[str]) -> dict[str, bytes]:
        found = await find_by(self._keys, "_id", names)
        return {document["_id"]: self._unwrapped(document) for document in found}

    def _new_key(self, person: str) -> dict[str, object]:
        wrapped = self._wrap.seal(AESGCM.generate_key(bit_length=256), person)
        return {"_id": person, "wrapped": wrapped, "made_at": now()}

    def _unwrapped(self, document: Mapping[str, object]) -> bytes:
        wrapped, person = document["wrapped"], document["_id"]
        if not isinstance(wrapped, bytes) or not isinstance(person, str):
            msg = "personal_keys: a document has no wrapped key"
            raise TypeError(msg)
        return self._wrap.open(wrapped, person)


def _encrypt(key: bytes, person: str, data: PersonalData) -> str:
    fields = {"name": data.name, "id_type": data.id_type, "id_number": data.id_number}
    plain = json.dumps(fields, ensure_ascii=False).encode()
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, person.encode())).decode()
