"""Record results: check them, find whom they concern, publish what is new. The log comes first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import PartyKind
from linkage_contracts.parties import Organisation, SealedPerson
from linkage_contracts.results import AnyResultEvent
from linkage_contracts.topics import RESULTS
from linkage_runtime.clock import day_of
from linkage_runtime.faults import Fault
from supervision_push.application.ports import Catalogues, Publisher
from supervision_push.application.result_ports import (
    PushedDecisions,
    Reference,
    ResultBook,
    SealParties,
)
from supervision_push.domain.result import Concern, party_alone, result_event
from supervision_push.domain.result_faults import (
    FOREIGN_SUPERVISOR,
    NOT_PUSHED,
    REGION_MISSING,
    UNLISTED_SUPERVISOR,
    faults_in,
)
from supervision_push.domain.submitted_result import AnySubmittedResult, SubmittedParty


class ResultStatus(StrEnum):
    """What became of one submission."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    FORBIDDEN = "forbidden"
    NOT_PUSHED = "not_pushed"
    """No such push or decision of this supervisor's is known, or not yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitter:
    """The organisation that sends, and those in whose name it may."""

    organisation: str
    name: str
    authorities: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultAnswer:
    """The answer to one submission."""

    status: ResultStatus
    result_id: str | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordResults:
    """Some submissions of one caller."""

    emitter: Emitter
    submissions: Sequence[AnySubmittedResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    submitted: AnySubmittedResult
    supervisor: Organisation
    region: str | None

    @property
    def reference(self) -> Reference | None:
        """How it names a licence, if it does; the push says more than the decision."""
        push_id = self.submitted.push_id
        decision_id = None if push_id else self.submitted.decision_id
        if push_id is None and decision_id is None:
            return None
        return Reference(supervisor=self.supervisor.id, push_id=push_id, decision_id=decision_id)


async def record_results(
    command: RecordResults,
    *,
    pushes: PushedDecisions,
    results: ResultBook,
    catalogues: Catalogues,
    seal: SealParties,
    publish: Publisher,
    clock: Callable[[], datetime],
) -> list[ResultAnswer]:
    """Answer every submission, in order; return only once the log has the accepted ones.

    Raises:
        TransientError: the outcome is unknown; the same submissions may be sent again.
    """
    at, catalogue = clock(), await catalogues.in_force()
    drafts = [_draft(one, command.emitter, catalogue, at) for one in command.submissions]
    readable = [draft for draft in drafts if isinstance(draft, _Draft)]
    references = [draft.reference for draft in readable if draft.reference]
    concerns = await pushes.concerned(references) if references else {}
    sealed = await _seal(readable, seal)
    events = [
        _event(draft, concerns, sealed, command.emitter, at) if isinstance(draft, _Draft) else draft
        for draft in drafts
    ]
    identified = [one.data.result_id for one in events if not isinstance(one, ResultAnswer)]
    known = dict(await results.digests(identified)) if identified else {}
    answers, fresh = _answers(events, known)
    await publish.publish(RESULTS, fresh)
    return answers


def _draft(
    submitted: AnySubmittedResult, emitter: Emitter, catalogue: Catalogue, at: datetime
) -> "_Draft | ResultAnswer":
    identity = submitted.supervisor or emitter.organisation
    if identity != emitter.organisation and identity not in emitter.authorities:
        return ResultAnswer(status=ResultStatus.FORBIDDEN, faults=(FOREIGN_SUPERVISOR,))
    listed = catalogue.authority_by_id.get(identity)
    if listed is None and identity != emitter.organisation:
        return ResultAnswer(status=ResultStatus.REJECTED, faults=(UNLISTED_SUPERVISOR,))
    faults = faults_in(submitted, day_of(at))
    region = submitted.region or (listed.region if listed else None)
    if submitted.party is not None and region is None:
        faults = (*faults, REGION_MISSING)
    if faults:
        return ResultAnswer(status=ResultStatus.REJECTED, faults=faults)
    name = listed.name if listed else emitter.name
    supervisor = Organisation(id=identity, name=name)
    return _Draft(submitted=submitted, supervisor=supervisor, region=region)


async def _seal(drafts: Sequence[_Draft], seal: SealParties) -> dict[SubmittedParty, SealedPerson]:
    people = [
        draft.submitted.party
        for draft in drafts
        if draft.submitted.party and draft.submitted.party.kind is PartyKind.NATURAL_PERSON
    ]
    return dict(zip(people, await seal(people), strict=True)) if people else {}


def _event(
    draft: _Draft,
    concerns: Mapping[Reference, Concern],
    sealed: Mapping[SubmittedParty, SealedPerson],
    emitter: Emitter,
    at: datetime,
) -> AnyResultEvent | ResultAnswer:
    named = draft.reference
    concern = concerns.get(named) if named else _concern_of_party(draft, sealed)
    if concern is None:
        return ResultAnswer(status=ResultStatus.NOT_PUSHED, faults=(NOT_PUSHED,))
    return result_event(
        draft.submitted,
        concern,
        supervisor=draft.supervisor,
        emitter=emitter.organisation,
        recorded_at=at,
    )


def _concern_of_party(
    draft: _Draft, sealed: Mapping[SubmittedParty, SealedPerson]
) -> Concern | None:
    party = draft.submitted.party
    if party is None or draft.region is None:
        return None
    return Concern(
        party=party_alone(party, sealed.get(party), draft.supervisor.id), region=draft.region
    )


def _answers(
    events: Sequence[AnyResultEvent | ResultAnswer], known: dict[str, str]
) -> tuple[list[ResultAnswer], list[AnyResultEvent]]:
    answers: list[ResultAnswer] = []
    fresh: list[AnyResultEvent] = []
    for one in events:
        if isinstance(one, ResultAnswer):
            answers.append(one)
            continue
        result_id, digest = one.data.result_id, one.data.digest
        there = known.get(result_id)
        if there is None:
            known[result_id] = digest
            fresh.append(one)
            status = ResultStatus.ACCEPTED
        else:
            status = ResultStatus.KNOWN if there == digest else ResultStatus.CONFLICT
        answers.append(ResultAnswer(status=status, result_id=result_id))
    return answers, fresh
