"""A small catalogue, submissions, and books of results in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from linkage_contracts.catalogue import Authority, Catalogue
from linkage_contracts.codes import AuthorityKind, PartyKind
from linkage_contracts.envelope import Event
from linkage_contracts.identity import uscc_check_digit
from linkage_contracts.ids import stable_id
from linkage_contracts.parties import Party, SealedPerson
from linkage_contracts.topics import Topic
from linkage_runtime.errors import TransientError
from supervision_push.application.record_result import (
    Emitter,
    RecordResults,
    ResultAnswer,
    record_results,
)
from supervision_push.application.result_ports import Acted, NewResult, Reference
from supervision_push.domain.result import Concern
from supervision_push.domain.submitted_result import (
    SUBMITTED_RESULT,
    AnySubmittedResult,
    SubmittedParty,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PARTY = "91350100M000100Y43"
RESIDENT = "11010519491231002X"


def uscc(serial: str) -> str:
    first = f"11450721MB{serial:0>7}"
    return first + uscc_check_digit(first)


SUPERVISOR, BUREAU, OVERSIGHT = uscc("1"), uscc("2"), uscc("3")
PUSH, DECISION = stable_id("test-push", "1"), stable_id("test-decision", "1")
CATALOGUE = Catalogue(
    authorities=(
        Authority(
            id=SUPERVISOR,
            name="灵山县市场监督管理局",
            kind=AuthorityKind.SUPERVISING,
            region="450721",
            field="market-regulation",
        ),
        Authority(
            id=BUREAU, name="灵山县行政审批局", kind=AuthorityKind.APPROVING, region="450721"
        ),
        Authority(
            id=OVERSIGHT, name="钦州市政务服务局", kind=AuthorityKind.OVERSIGHT, region="450700"
        ),
    ),
    items=(),
    owes_by_kind={},
)
CONCERN = Concern(
    party=Party(key=PARTY, kind=PartyKind.LEGAL_PERSON, name="示例食品有限公司", code=PARTY),
    region="450721",
    decision_id=DECISION,
    push_id=PUSH,
    authority=BUREAU,
)


def a_submission(**changes: object) -> AnySubmittedResult:
    whole = {
        "type": "inspection",
        "found_on": date(2026, 11, 20),
        "summary": "未按许可范围经营",
        "push_id": PUSH,
        "outcome": "fails",
        "treatment": "rectify",
        **changes,
    }
    return SUBMITTED_RESULT.validate_python(whole)


def about_party(**changes: object) -> AnySubmittedResult:
    party = {"kind": "legal_person", "name": "示例食品有限公司", "code": PARTY}
    return a_submission(push_id=None, **{"party": party, **changes})


def a_penalty(**changes: object) -> AnySubmittedResult:
    return SUBMITTED_RESULT.validate_python(
        {
            "type": "penalty",
            "found_on": date(2026, 11, 20),
            "summary": "罚款",
            "document_number": "灵市监处罚〔2026〕12号",
            "push_id": PUSH,
            "kinds": ["02"],
            "violation": "经营超过保质期的食品",
            "basis": "食品安全法第一百二十四条",
            **changes,
        }
    )


@dataclass
class Log:
    """Keeps what is published; away for the first so many calls."""

    events: list[tuple[Topic, Event]] = field(default_factory=list)
    away: int = 0

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        if self.away:
            self.away -= 1
            raise TransientError("Kafka is away")
        self.events += [(topic, event) for event in events]

    def on(self, topic: Topic) -> list[Any]:
        return [event for there, event in self.events if there is topic]


class OneCatalogue:
    """The same catalogue always."""

    async def in_force(self) -> Catalogue:
        return CATALOGUE

    async def version(self, _version: str) -> Catalogue:
        return CATALOGUE


@dataclass
class MemoryResults:
    """Digests by id, acts as they came."""

    known: dict[str, str] = field(default_factory=dict)
    acts: list[Acted] = field(default_factory=list)

    async def digests(self, result_ids: Iterable[str]) -> Mapping[str, str]:
        return {one: self.known[one] for one in result_ids if one in self.known}

    async def add(self, results: Sequence[NewResult]) -> frozenset[tuple[str, str]]:
        for one in results:
            self.known.setdefault(*one.identity)
        return frozenset(
            one.identity for one in results if self.known[one.identity[0]] != one.identity[1]
        )

    async def mark(self, acts: Sequence[Acted]) -> None:
        self.acts += acts


async def concerned(references: Iterable[Reference]) -> Mapping[Reference, Concern]:
    return {
        one: CONCERN
        for one in references
        if one.supervisor == SUPERVISOR and (one.push_id == PUSH or one.decision_id == DECISION)
    }


async def sealed(parties: Sequence[SubmittedParty]) -> list[SealedPerson]:
    return [
        SealedPerson(person=f"person:{one.id_number}"[:12], masked_name=one.name[:1] + "*", box="")
        for one in parties
    ]


@dataclass
class Desk:
    """Recording results, with everything in memory."""

    results: MemoryResults = field(default_factory=MemoryResults)
    log: Log = field(default_factory=Log)
    emitter: Emitter = field(
        default_factory=lambda: Emitter(
            organisation=SUPERVISOR, name="市监局", authorities=frozenset()
        )
    )

    async def record(self, *submissions: AnySubmittedResult) -> list[ResultAnswer]:
        return await record_results(
            RecordResults(emitter=self.emitter, submissions=submissions),
            pushes=self,
            results=self.results,
            catalogues=OneCatalogue(),
            seal=sealed,
            publish=self.log,
            clock=lambda: NOON,
        )

    async def concerned(self, references: Iterable[Reference]) -> Mapping[Reference, Concern]:
        return await concerned(references)
