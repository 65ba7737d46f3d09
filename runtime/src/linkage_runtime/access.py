"""Who may call: API keys of organisations, with scopes and the authorities they emit for.

A key reads ``lk_<id>_<secret>``. Only the SHA-256 of the secret is stored: it has 256 random bits,
so a slow hash would add nothing.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from time import monotonic
from typing import Any

from pymongo import ASCENDING

from linkage_runtime.clock import now
from linkage_runtime.mongo import Collection, transient_errors

CACHE_SECONDS = 10.0
"""How long a withdrawn or expired key may still work in a process that saw it."""


class Scope(StrEnum):
    """What a key may be used for."""

    EMIT_DECISIONS = "decisions:emit"
    READ_LINKAGES = "linkages:read"
    ACT_ON_RESULTS = "results:act"
    READ_FEED = "feed:read"
    ACT_ON_PUSHES = "pushes:act"
    EMIT_RESULTS = "results:emit"
    READ_RATINGS = "ratings:read"
    ASK_ELIGIBILITY = "eligibility:ask"
    ACT_ON_CREDIT = "credit:act"
    REPAIR_CREDIT = "credit:repair"
    DRAW_SAMPLES = "samples:draw"
    OPEN_PERSONAL_DATA = "personal:open"
    OVERSEE = "oversight"
    JUDGE_FINDINGS = "findings:judge"
    ADMINISTER = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The organisation behind a key."""

    key_id: str
    organisation: str
    name: str
    scopes: frozenset[str]
    authorities: frozenset[str]
    """Authorities in whose name it may emit, its own among them if it has that right."""
    expires_at: datetime | None = None
    """When it stops working by itself; ``None``: not before it is withdrawn."""

    def may(self, scope: Scope) -> bool:
        """Whether the key has this right."""
        return scope in self.scopes


class ApiKeys:
    """Issues, checks and withdraws keys; stored in ``linkage_access.api_keys``."""

    def __init__(self, keys: Collection) -> None:
        self._keys = keys
        self._seen: dict[str, tuple[float, Caller]] = {}

    async def issue(
        self,
        *,
        organisation: str,
        name: str,
        scopes: Sequence[Scope],
        authorities: Sequence[str] = (),
        expires_at: datetime | None = None,
    ) -> str:
        """Make a key and return it: the only time that it is seen in clear."""
        key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
        with transient_errors():
            await self._keys.insert_one(
                {
                    "_id": key_id,
                    "hash": _hash(secret),
                    "organisation": organisation,
                    "name": name,
                    "scopes": [str(scope) for scope in scopes],
                    "authorities": list(authorities),
                    "issued_at": now(),
                    "expires_at": expires_at,
                }
            )
        return f"lk_{key_id}_{secret}"

    async def withdraw(self, key_id: str) -> bool:
        """Make a key useless everywhere within ``CACHE_SECONDS``."""
        with transient_errors():
            result = await self._keys.update_one(
                {"_id": key_id, "withdrawn_at": None}, {"$set": {"withdrawn_at": now()}}
            )
        return result.modified_count == 1

    async def callers(self) -> list[Caller]:
        """Whoever has a key that was not withdrawn, expired or not."""
        with transient_errors():
            return [_caller(one) async for one in self._keys.find({"withdrawn_at": None})]

    async def first_expiry(self) -> datetime | None:
        """When the first of the keys that were not withdrawn expires, or has expired."""
        which = {"withdrawn_at": None, "expires_at": {"$ne": None}}
        with transient_errors():
            found = await self._keys.find_one(which, sort=[("expires_at", ASCENDING)])
        return found["expires_at"] if found else None

    async def caller(self, presented: str) -> Caller | None:
        """Who presents this key; ``None`` for an unknown, malformed or withdrawn one."""
        digest = _hash(presented)
        cached = self._seen.get(digest)
        if cached and cached[0] > monotonic():
            return cached[1]
        caller = await self._look_up(presented)
        if caller:
            self._seen[digest] = (monotonic() + CACHE_SECONDS, caller)
        else:
            self._seen.pop(digest, None)
        return caller

    async def _look_up(self, presented: str) -> Caller | None:
        prefix, _, rest = presented.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != "lk" or not secret:
            return None
        with transient_errors():
            found = await self._keys.find_one({"_id": key_id, "withdrawn_at": None})
        if found is None or not hmac.compare_digest(found["hash"], _hash(secret)):
            return None
        caller = _caller(found)
        return None if caller.expires_at and caller.expires_at <= now() else caller


def _caller(found: Mapping[str, Any]) -> Caller:
    return Caller(
        key_id=found["_id"],
        organisation=found["organisation"],
        name=found["name"],
        scopes=frozenset(found["scopes"]),
        authorities=frozenset(found["authorities"]),
        expires_at=found.get("expires_at"),
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
