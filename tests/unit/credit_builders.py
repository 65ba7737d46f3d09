"""Events and facts for the tests of credit, and its stores in memory."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from credit.adapters.scorecard_files import read_measures, read_scorecards
from credit.domain.cases import Case, filed_on
from credit.domain.current import Measures
from credit.domain.facts import ELIGIBILITY_KINDS, Fact, FactKind, ListEntry, Sanction
from credit.domain.scorecard import Scorecard, Scorecards
from credit.domain.standing import standing
from credit.ports import CaseQuery, Revision
from linkage_contracts.actions import ActionReported, Report
from linkage_contracts.codes import (
    ActionOutcome,
    DecisionKind,
    InspectionOutcome,
    PartyKind,
    PenaltyKind,
    RiskClass,
    Treatment,
)
from linkage_contracts.credit_acts import ListEntered, PartyListed
from linkage_contracts.decisions import EVENT_OF_KIND, Commitment, Decision, DecisionEvent
from linkage_contracts.envelope import Event
from linkage_contracts.ids import stable_id
from linkage_contracts.parties import Organisation, Party
from linkage_contracts.ratings import Bar, Rating
from linkage_contracts.results import (
    CommitmentBreach,
    CommitmentBroken,
    Inspection,
    InspectionRecorded,
    Penalty,
    PenaltyImposed,
)
from linkage_contracts.topics import Topic
from linkage_runtime.clock import SHANGHAI
from linkage_runtime.yaml_files import read_yaml

SAMPLE = Path(__file__).parents[2] / "deploy" / "scorecards" / "general.yaml"
TODAY = date(2026, 11, 23)
BUREAU = Organisation(id="11450721XN0721012K", name="灵山县行政审批局")
SUPERVISOR = Organisation(id="11450721MB1A65432L", name="灵山县市场监督管理局")
PARTY = "91450721MA55AMPL13"
PERSON = "person:0123456789abcdef0123456789abcdef"


def scorecard() -> Scorecard:
    """The sample."""
    return read_yaml(SAMPLE, Scorecard)


def scorecards(*cards: Scorecard) -> Scorecards:
    """These, or all samples."""
    return Scorecards(cards) if cards else read_scorecards(SAMPLE.parent)


MEASURES = read_measures(SAMPLE.parent)


def measures(*cards: Scorecard) -> Measures:
    """These scorecards, or all samples, with the sample's bars."""
    return replace(MEASURES, scorecards=scorecards(*cards)) if cards else MEASURES


def bars_of(facts: Iterable[Fact], on: date) -> tuple[Bar, ...]:
    """What bars a party from commitment on a day."""
    bars = MEASURES.bars.among(standing(facts, on))
    return tuple(bar for bar in bars if bar.holds_for("commitment", None))


def morning_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, 30, tzinfo=SHANGHAI)


def company(code: str = PARTY, name: str = "灵山县示例餐饮有限公司") -> Party:
    return Party(key=code, kind=PartyKind.LEGAL_PERSON, name=name, code=code)


def person() -> Party:
    return Party(key=PERSON, kind=PartyKind.NATURAL_PERSON, name="测*")


def envelope(cause: str, day: date, party: str, organisation: Organisation) -> dict[str, Any]:
    """The envelope of an event that `cause` names."""
    return {
        "id": stable_id("event", cause),
        "source": f"/organisations/{organisation.id}",
        "subject": stable_id("subject", cause),
        "time": morning_of(day),
        "recordedtime": morning_of(day) + timedelta(seconds=1),
        "partitionkey": party,
        "emitter": organisation.id,
    }


def decided(
    cause: str,
    *,
    kind: DecisionKind = DecisionKind.GRANTED,
    party: Party | None = None,
    day: date = TODAY,
    promise: str | None = None,
) -> DecisionEvent:
    party = party or company()
    decision = Decision(
        decision_id=stable_id("decision", cause),
        kind=kind,
        authority=BUREAU,
        document_number=f"灵审批许〔2026〕{cause}号",
        document_title="准予行政许可决定书",
        category="普通",
        content="热食类食品制售",
        decided_on=day,
        valid_from=day,
        region="450721",
        party=party,
        catalogue_version="0123456789ab",
        commitment=Commitment(text=promise) if promise else None,
        accepted_at=morning_of(day),
        digest="0" * 64,
    )
    return EVENT_OF_KIND[kind](data=decision, **envelope(cause, day, party.key, BUREAU))


def _result(cause: str, party: Party, day: date) -> dict[str, Any]:
    return {
        "result_id": stable_id("result", cause),
        "supervisor": SUPERVISOR,
        "party": party,
        "found_on": day,
        "region": "450721",
        "summary": "现场检查",
        "authority": BUREAU.id,
        "digest": "0" * 64,
    }


def inspected(
    cause: str,
    outcome: InspectionOutcome,
    *,
    party: Party | None = None,
    day: date = TODAY,
) -> InspectionRecorded:
    party = party or company()
    data = Inspection(outcome=outcome, treatment=Treatment.PASSED, **_result(cause, party, day))
    return InspectionRecorded(data=data, **envelope(cause, day, party.key, SUPERVISOR))


def penalised(
    cause: str,
    *kinds: PenaltyKind,
    fine: int = 0,
    party: Party | None = None,
    day: date = TODAY,
) -> PenaltyImposed:
    party = party or company()
    data = Penalty(
        kinds=kinds,
        violation="超范围经营",
        basis="食品安全法",
        fine=Decimal(fine),
        **_result(cause, party, day),
    )
    return PenaltyImposed(data=data, **envelope(cause, day, party.key, SUPERVISOR))


def broken(cause: str, *, party: Party | None = None, day: date = TODAY) -> CommitmentBroken:
    party = party or company()
    data = CommitmentBreach(promise="经营场所符合要求", **_result(cause, party, day))
    return CommitmentBroken(data=data, **envelope(cause, day, party.key, SUPERVISOR))


def ruled(
    breach: CommitmentBroken,
    outcome: ActionOutcome = ActionOutcome.BREACH_CONFIRMED,
    *,
    day: date = TODAY,
    party: str = PARTY,
) -> ActionReported:
    """The bureau's report on a breach."""
    data = Report(
        result_id=breach.data.result_id,
        result_type=breach.type,
        decision_id=stable_id("decision", "ruled"),
        authority=BUREAU.id,
        supervisor=SUPERVISOR.id,
        by="window-3",
        outcome=outcome,
        note="已认定",
    )
    cause = f"{outcome} {breach.id} {day}"
    return ActionReported(data=data, **envelope(cause, day, party, BUREAU))


def a_fact(
    kind: FactKind,
    name: str = "one",
    *,
    day: date = TODAY,
    matter: str | None = None,
    sanction: Sanction | None = None,
    targets: Iterable[str] = (),
    until: date | None = None,
    list_code: str = "serious_violation",
    **more: Any,
) -> Fact:
    """A fact by itself, without the event behind it."""
    return Fact(
        fact_id=stable_id("fact", name, kind),
        party=more.pop("of", PARTY),
        party_name="灵山县示例餐饮有限公司",
        kind=kind,
        occurred_on=day,
        occurred_at=morning_of(day),
        authority=SUPERVISOR.id,
        event_id=stable_id("event", name),
        result_id=stable_id("result", matter or name),
        sanction=sanction,
        targets=tuple(targets),
        entry=an_entry(list_code, until or day + timedelta(days=365))
        if kind is FactKind.LISTED
        else None,
        **more,
    )


def listed(cause: str, *, day: date = TODAY) -> PartyListed:
    """An entry on the serious-violation list."""
    data = ListEntered(
        party=PARTY,
        by=SUPERVISOR.id,
        on=day,
        ground="列入名单",
        entry_id=stable_id("event", cause),
        list_code="serious_violation",
        title="严重违法失信名单",
        until=day + timedelta(days=1_095),
        exit_from=day + timedelta(days=365),
        is_adverse=True,
        suspended_by_objection=False,
    )
    return PartyListed(data=data, **envelope(cause, day, PARTY, SUPERVISOR))


def an_entry(
    list_code: str, until: date, *, is_adverse: bool = True, suspended_by_objection: bool = False
) -> ListEntry:
    return ListEntry(
        list_code=list_code,
        title="名单",
        until=until,
        exit_from=until - timedelta(days=200),
        is_adverse=is_adverse,
        suspended_by_objection=suspended_by_objection,
    )


class FactsInMemory:
    """A `FactLedger`."""

    def __init__(self, *facts: Fact) -> None:
        self.stored = {fact.fact_id: fact for fact in facts}

    async def add(self, facts: Sequence[Fact]) -> tuple[Fact, ...]:
        new = tuple(fact for fact in facts if fact.fact_id not in self.stored)
        self.stored |= {fact.fact_id: fact for fact in new}
        return new

    async def of_parties(self, parties: Collection[str]) -> Mapping[str, tuple[Fact, ...]]:
        return {party: found for party in parties if (found := await self.of_party(party))}

    async def of_party(self, party: str) -> tuple[Fact, ...]:
        return tuple(fact for fact in self.stored.values() if fact.party == party)

    async def ever_listed(self, list_code: str, after: str, limit: int) -> Sequence[str]:
        on_list = {
            fact.party
            for fact in self.stored.values()
            if fact.entry and fact.entry.list_code == list_code and fact.party > after
        }
        return sorted(on_list)[:limit]

    async def deciding(self, parties: Collection[str]) -> Mapping[str, tuple[Fact, ...]]:
        known = await self.of_parties(parties)
        return {
            party: tuple(fact for fact in facts if fact.kind in ELIGIBILITY_KINDS)
            for party, facts in known.items()
        }

    async def by_party(self) -> AsyncIterator[tuple[Fact, ...]]:
        for party in sorted({fact.party for fact in self.stored.values()}):
            yield await self.of_party(party)


class ActsInMemory:
    """An `ActLedger`."""

    def __init__(self) -> None:
        self.stored: dict[str, Event] = {}

    async def add(self, acts: Sequence[Event]) -> None:
        self.stored = {act.id: act for act in acts} | self.stored

    async def of_party(self, party: str) -> tuple[Event, ...]:
        acts = [act for act in self.stored.values() if act.partitionkey == party]
        return tuple(sorted(acts, key=lambda act: (act.time, act.id)))

    async def of_ids(self, event_ids: Collection[str]) -> Mapping[str, Event]:
        return {id_: self.stored[id_] for id_ in event_ids if id_ in self.stored}


class CasesInMemory:
    """A `CaseLedger`."""

    def __init__(self) -> None:
        self.stored: dict[str, Case] = {}

    async def save(self, cases: Sequence[Case]) -> None:
        for case in cases:
            known = self.stored.get(case.case_id)
            if known is None or known.acts < case.acts:
                self.stored[case.case_id] = case

    async def of_id(self, case_id: str) -> Case | None:
        return self.stored.get(case_id)

    async def page(self, query: CaseQuery) -> Sequence[Case]:
        def place(case: Case) -> tuple[datetime, str]:
            return case.filed_at, case.case_id

        return [
            case
            for case in sorted(self.stored.values(), key=place)
            if case.state in query.states
            and (query.authorities is None or case.authority in query.authorities)
            and query.party in {None, case.party}
            and filed_on(case) <= query.filed_until.get(case.kind, date.min)
            and (query.after is None or place(case) > place(query.after))
        ][: query.limit]


class RatingsInMemory:
    """A `RatingLedger`; `before_saving` is what others do just before a save."""

    def __init__(self) -> None:
        self.stored: dict[str, Rating] = {}
        self.ranks: dict[str, int] = {}
        self.before_saving: list[Rating] = []
        self.saves = 0

    async def of_parties(self, parties: Collection[str]) -> Mapping[str, Rating]:
        return {party: self.stored[party] for party in parties if party in self.stored}

    async def save(self, revisions: Sequence[Revision], rank: int) -> frozenset[str]:
        while self.before_saving:
            rating = self.before_saving.pop()
            self.stored[rating.party] = rating
        overtaken = set()
        for revision in revisions:
            party = revision.after.party
            if self.stored.get(party) != revision.before:
                overtaken.add(party)
                continue
            self.stored[party], self.ranks[party] = revision.after, rank
            self.saves += 1
        return frozenset(overtaken)

    async def due(self, on: date, limit: int) -> tuple[str, ...]:
        days = {party: rating.next_change_on for party, rating in self.stored.items()}
        due = sorted((day, party) for party, day in days.items() if day and day <= on)
        return tuple(party for _, party in due)[:limit]

    async def ranked_below(self, rank: int, limit: int) -> tuple[str, ...]:
        return tuple(party for party, own in self.ranks.items() if own < rank)[:limit]

    async def raise_rank(self, parties: Collection[str], rank: int) -> None:
        self.ranks |= dict.fromkeys(parties, rank)

    async def class_counts(self, domain: str) -> Mapping[RiskClass, int]:
        classes = [
            each.risk_class
            for rating in self.stored.values()
            for each in ([rating] if domain == Scorecards.GENERAL else rating.domains)
            if domain in {Scorecards.GENERAL, getattr(each, "domain", None)}
        ]
        return {risk_class: classes.count(risk_class) for risk_class in RiskClass}

    async def newest_changes(self, limit: int) -> tuple[Rating, ...]:
        changed = [rating for rating in self.stored.values() if rating.class_since]
        return tuple(sorted(changed, key=lambda r: str(r.class_since), reverse=True))[:limit]


class PublishedEvents:
    """A `Publisher`; `failures` are raised first, one for each call."""

    def __init__(self, *failures: Exception) -> None:
        self.on: defaultdict[str, list[Any]] = defaultdict(list)
        self.failures = list(failures)

    async def publish(self, topic: Topic, events: Iterable[Event]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.on[topic.name] += [topic.read(event.to_bytes()) for event in events]


NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Noon of `TODAY` in China."""
