"""Tell a linkage's story to those who are part of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from approval_events.application.ports import Catalogues, Ledger
from approval_events.domain.facts import FactKind
from approval_events.domain.linkage import Linkage
from approval_events.domain.story import Step, story
from linkage_runtime.errors import PermanentError


class LinkageUnknownError(PermanentError):
    """Nothing is known of it, or not yet."""


class NotPartOfItError(PermanentError):
    """The caller is neither its authority nor a supervisor in it, and oversees nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks."""

    organisations: frozenset[str]
    """Its own, and those it emits for."""
    oversees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A linkage and its story."""

    linkage: Linkage
    steps: Sequence[Step]
    names: Mapping[str, str]


async def tell_story(
    decision_id: str, reader: Reader, *, ledger: Ledger, catalogues: Catalogues
) -> Told:
    """The whole story of one linkage.

    Raises:
        LinkageUnknownError: nothing is known of it, or not yet.
        NotPartOfItError: it is not the reader's business.
    """
    linkage = await ledger.page(decision_id)
    if linkage is None:
        msg = "没有此联动记录,或尚未入账 (no such linkage, or not yet)"
        raise LinkageUnknownError(msg)
    if not reader.oversees and not reader.organisations & organisations_in(linkage):
        msg = "只能查看本单位参与的联动 (only its authority and its supervisors may see it)"
        raise NotPartOfItError(msg)
    catalogue = await catalogues.in_force()
    names = {id_: authority.name for id_, authority in catalogue.authority_by_id.items()}
    return Told(linkage=linkage, steps=story(linkage, names), names=names)


def organisations_in(linkage: Linkage) -> frozenset[str]:
    """The authority, every recipient of a push and every supervisor that found something."""
    parts = {
        FactKind.OPENED: "recipient",
        FactKind.FOUND: "supervisor",
    }
    return frozenset(
        {linkage.authority}
        | {
            str(fact.detail[part])
            for kind, part in parts.items()
            for fact in linkage.of(kind).values()
        }
    )
