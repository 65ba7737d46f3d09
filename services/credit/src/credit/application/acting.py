"""What all acts on facts have in common: who may, what is refused, and the log first."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from pydantic import BaseModel

from credit.domain.facts import Fact
from credit.ports import FactLedger, Publisher
from linkage_contracts.envelope import Event
from linkage_contracts.facts import FactSource
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import CREDIT_ACTS
from linkage_runtime.errors import PermanentError


class ActRefusedError(PermanentError):
    """An act on facts that cannot be; ``facts`` names them."""

    def __init__(self, message: str, facts: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.facts = sorted(facts)


class NotKnownError(ActRefusedError):
    """There is no such thing of this party, or it has not been read from the log yet."""


class NotYoursError(ActRefusedError):
    """Facts of another authority: 谁认定、谁修复."""


class DoneAlreadyError(ActRefusedError):
    """Another act settled this before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The authority that acts; a credit office may act for the authority that found a fact."""

    organisation: str
    is_credit_office: bool
    authorities: frozenset[str] = frozenset()
    """In whose name its key may act too."""

    @property
    def organisations(self) -> frozenset[str]:
        """Itself, and those it acts for."""
        return self.authorities | {self.organisation}

    def may_decide(self, authority: str) -> bool:
        """Whether it decides about what this authority found."""
        return self.is_credit_office or authority in self.organisations

    def check_owns(self, facts: Iterable[Fact]) -> None:
        """Refuse what another authority found.

        Raises:
            NotYoursError: some are another's.
        """
        foreign = {fact.fact_id for fact in facts if not self.may_decide(fact.authority)}
        if foreign:
            raise NotYoursError(
                "谁认定、谁修复：由认定机关办理 (only the authority that found them may)", foreign
            )


class Asked(Protocol):
    """What every command to act has."""

    @property
    def party(self) -> str:
        """Whose facts they are: its key."""

    @property
    def by(self) -> Actor:
        """Who acts."""

    @property
    def ground(self) -> str:
        """Why (理由)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRecorded:
    """The act on the log; ``is_new`` is false when the very same was recorded before."""

    event_id: str
    is_new: bool


async def known_facts(party: str, wanted: Collection[str], ledger: FactLedger) -> dict[str, Fact]:
    """All facts of a party.

    Raises:
        NotKnownError: some of those wanted are not among them.
    """
    known = {fact.fact_id: fact for fact in await ledger.of_party(party)}
    if unknown := set(wanted) - known.keys():
        raise NotKnownError("没有这些事实 (no such facts of this party)", unknown)
    return known


def sources_of(facts: Iterable[Fact]) -> tuple[FactSource, ...]:
    """Where facts come from, as an act on them says it, so that all who were told find them."""
    return tuple(
        FactSource(
            fact=fact.fact_id,
            kind=str(fact.kind),
            authority=fact.authority,
            event_id=fact.event_id,
            result_id=fact.result_id,
            decision_id=fact.decision_id,
            document_number=fact.document_number,
            told=fact.told,
        )
        for fact in facts
    )


def stated(asked: Asked, on: date) -> dict[str, Any]:
    """What every act says: of whom, by whom, since when, and why."""
    by = asked.by.organisation
    return {"party": asked.party, "by": by, "on": on, "ground": asked.ground}


async def log(
    kind: type[Event],
    data: BaseModel,
    *,
    id_: str,
    asked: Asked,
    at: datetime,
    known: Mapping[str, Fact],
    publisher: Publisher,
) -> ActRecorded:
    """Put an act on the log, unless it was read from there before.

    Args:
        kind: of event.
        data: what the act says.
        id_: from what was asked, so that the same again is the same.
        asked: by whom, and of whom.
        at: the present.
        known: all facts of the party.
        publisher: of the log.
    """
    if any(fact.event_id == id_ for fact in known.values()):
        return ActRecorded(event_id=id_, is_new=False)
    event = kind.model_validate(
        {
            "id": id_,
            "source": f"/organisations/{asked.by.organisation}",
            "subject": stable_id("party", asked.party),
            "time": at,
            "recordedtime": at,
            "partitionkey": asked.party,
            "emitter": asked.by.organisation,
            "data": data,
        }
    )
    await publisher.publish(CREDIT_ACTS, [event])
    return ActRecorded(event_id=id_, is_new=True)
