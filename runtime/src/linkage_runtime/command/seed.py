"""Gives a fresh stack the sample catalogue, and each organisation a key."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from linkage_contracts.catalogue import Authority, Catalogue
from linkage_contracts.codes import AuthorityKind
from linkage_runtime.access import ApiKeys, Scope
from linkage_runtime.catalogue_store import MongoCatalogues, read_catalogue
from linkage_runtime.mongo import connect, database
from linkage_runtime.stack.folder import deploy_folder
from linkage_runtime.stack.local import APPROVAL_EVENTS, Stack

PLATFORM = "platform"
"""The sample shared platform (一体化平台), which emits for all authorities."""
ADMIN = "admin"

_SCOPES = {
    AuthorityKind.APPROVING: (
        Scope.EMIT_DECISIONS,
        Scope.READ_LINKAGES,
        Scope.ACT_ON_RESULTS,
        Scope.READ_FEED,
        Scope.READ_RATINGS,
        Scope.ASK_ELIGIBILITY,
        Scope.ACT_ON_CREDIT,
        Scope.OPEN_PERSONAL_DATA,
    ),
    AuthorityKind.SUPERVISING: (
        Scope.READ_FEED,
        Scope.ACT_ON_PUSHES,
        Scope.EMIT_RESULTS,
        Scope.READ_LINKAGES,
        Scope.READ_RATINGS,
        Scope.ACT_ON_CREDIT,
        Scope.DRAW_SAMPLES,
        Scope.OPEN_PERSONAL_DATA,
    ),
    AuthorityKind.OVERSIGHT: (
        Scope.OVERSEE,
        Scope.JUDGE_FINDINGS,
        Scope.READ_FEED,
        Scope.READ_LINKAGES,
        Scope.READ_RATINGS,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Holder:
    organisation: str
    name: str
    scopes: tuple[Scope, ...]
    authorities: tuple[str, ...]


def seed(stack: Stack) -> Mapping[str, str]:
    """Load the sample catalogue and give every organisation a key; again changes nothing.

    Returns:
        API keys by organisation: the catalogue's ids, ``platform`` and ``admin``.
    """
    return asyncio.run(_seed(stack))


async def _seed(stack: Stack) -> dict[str, str]:
    client = connect(stack.mongo)
    try:
        catalogue = read_catalogue(deploy_folder() / "catalogue")
        catalogues = MongoCatalogues(database(client, "linkage_reference")["catalogues"])
        await catalogues.put_in_force(catalogue)
        api_keys = ApiKeys(database(client, "linkage_access")["api_keys"])
        keys = {}
        for holder in _holders(catalogue):
            earlier = stack.keys.get(holder.organisation, "")
            known = await api_keys.caller(earlier)
            keys[holder.organisation] = earlier if known else await _issue(api_keys, holder)
    finally:
        client.close()
    return keys


async def _issue(api_keys: ApiKeys, holder: _Holder) -> str:
    return await api_keys.issue(
        organisation=holder.organisation,
        name=holder.name,
        scopes=holder.scopes,
        authorities=holder.authorities,
    )


def _holders(catalogue: Catalogue) -> Iterator[_Holder]:
    for authority in catalogue.authorities:
        yield _Holder(
            organisation=authority.id,
            name=authority.name,
            scopes=_SCOPES[authority.kind],
            authorities=() if authority.kind is AuthorityKind.OVERSIGHT else (authority.id,),
        )
    yield _Holder(
        organisation=PLATFORM,
        name="一体化平台(示例)",
        scopes=(Scope.EMIT_DECISIONS, Scope.EMIT_RESULTS, Scope.READ_LINKAGES),
        authorities=tuple(a.id for a in catalogue.authorities if _emits(a)),
    )
    yield _Holder(
        organisation=APPROVAL_EVENTS,
        name="审批侧,向信用服务询问(系统内部)",
        scopes=(Scope.ASK_ELIGIBILITY,),
        authorities=(),
    )
    yield _Holder(
        organisation=ADMIN,
        name="系统管理(示例)",
        scopes=(Scope.ADMINISTER, Scope.OVERSEE, Scope.REPAIR_CREDIT, Scope.READ_RATINGS),
        authorities=(),
    )


def _emits(authority: Authority) -> bool:
    return authority.kind is not AuthorityKind.OVERSIGHT
