"""Decisions, a small catalogue and pushes for the tests of supervision-push."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from pydantic import SecretStr

from linkage_contracts.catalogue import Authority, Catalogue, CatalogueItem, Supervision
from linkage_contracts.codes import AuthorityKind, DecisionKind, Duty, PartyKind, ReceiptPolicy
from linkage_contracts.decisions import (
    EVENT_OF_KIND,
    Act,
    Commitment,
    Decision,
    DecisionEvent,
    Item,
)
from linkage_contracts.identity import uscc_check_digit
from linkage_contracts.ids import decision_id, stable_id
from linkage_contracts.parties import Organisation, Party
from linkage_runtime.working_days import WorkCalendar
from supervision_push.application.plan_pushes import Arrived
from supervision_push.domain.opening import Opening, begin_push
from supervision_push.domain.push import Push
from supervision_push.domain.terms import Schedule, Terms
from supervision_push.settings import Settings


def a_code(number: int) -> str:
    """A well-formed code of an organisation that does not exist."""
    first17 = f"11450721XN{number:07d}"
    return first17 + uscc_check_digit(first17)


BUREAU, MARKET, FIRE, HEALTH = a_code(1), a_code(2), a_code(3), a_code(4)
CITY_HEALTH, OVERSIGHT, OTHER_OVERSIGHT = a_code(5), a_code(6), a_code(7)
PARTY = "91350100M000100Y43"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
"""Monday noon in China."""

FOOD, FACTORY, BALLOON = "000131902000", "000131901000", "000154902000"

_GRANTED = (Duty.RECEIPT, Duty.ENROLMENT, Duty.INSPECTION, Duty.COMMITMENT_CHECK)


@cache
def a_catalogue(policy: ReceiptPolicy = ReceiptPolicy.EXPLICIT) -> Catalogue:
    """Food: the county's market regulation and the city's health. Balloons: nobody competent."""
    return Catalogue(
        authorities=(
            _authority(BUREAU, "450721", AuthorityKind.APPROVING),
            _authority(OVERSIGHT, "450700", AuthorityKind.OVERSIGHT),
            _authority(OTHER_OVERSIGHT, "370100", AuthorityKind.OVERSIGHT),
            _supervising(MARKET, "450721", "market-regulation", policy),
            _supervising(FIRE, "450721", "fire", policy),
            _supervising(CITY_HEALTH, "450700", "health", policy),
            _supervising(HEALTH, "450722", "health", policy),
            _supervising(a_code(8), "370102", "meteorology", policy),
        ),
        items=(
            _item(FOOD, ("market-regulation", _GRANTED), ("health", (Duty.NOTICE,))),
            _item(FACTORY, ("market-regulation", (Duty.RECEIPT, Duty.ENROLMENT))),
            _item(BALLOON, ("meteorology", (Duty.RECEIPT, Duty.INSPECTION))),
        ),
        owes_by_kind={
            DecisionKind.REFUSED: (Duty.NOTICE,),
            DecisionKind.AMENDED: (Duty.RECEIPT,),
            DecisionKind.WITHDRAWN: (Duty.RECEIPT,),
            DecisionKind.ANNULLED: (Duty.RECEIPT,),
            DecisionKind.DEREGISTERED: (Duty.RECEIPT,),
        },
    )


def a_decision(
    catalogue: Catalogue,
    kind: DecisionKind = DecisionKind.GRANTED,
    *,
    number: str = "灵审批〔2026〕1号",
    on: date = date(2026, 11, 23),
    items: tuple[str, ...] = (FOOD,),
    **more: Any,
) -> DecisionEvent:
    """A decision event; of a later act, ``on`` is the day of the act."""
    identity = decision_id(BUREAU, number, None, PARTY)
    later = kind not in (DecisionKind.GRANTED, DecisionKind.REFUSED)
    act = Act(document_number=f"{number}之二", on=on, ground="第四十九条") if later else None
    fields: dict[str, Any] = {
        "decision_id": identity,
        "kind": kind,
        "authority": Organisation(id=BUREAU, name="灵山县行政审批局"),
        "document_number": number,
        "document_title": "行政许可决定书",
        "category": "普通",
        "content": "食品经营",
        "decided_on": date(2026, 11, 23) if later else on,
        "valid_from": on,
        "region": "450721003",
        "party": Party(key=PARTY, kind=PartyKind.LEGAL_PERSON, name="某食品有限公司", code=PARTY),
        "items": tuple(Item(code=code, name="事项") for code in items),
        "catalogue_version": catalogue.version,
        "act": act,
        "accepted_at": NOON - timedelta(seconds=1),
        "digest": "0" * 64,
    }
    decision = Decision(**(fields | more))
    type_: Any = EVENT_OF_KIND[kind]
    event: DecisionEvent = type_(
        id=stable_id("decision-event", identity, kind, on.isoformat()),
        source=f"/organisations/{BUREAU}",
        subject=identity,
        time=NOON - timedelta(hours=1),
        recordedtime=NOON - timedelta(seconds=1),
        partitionkey=PARTY,
        emitter=BUREAU,
        data=decision,
    )
    return event


def a_commitment(verify_by: date | None = None) -> Commitment:
    """告知承诺."""
    return Commitment(text="符合条件", verify_by=verify_by)


def arrived(*events: DecisionEvent) -> list[Arrived]:
    """As a stream hands them over."""
    return [Arrived(event, event.to_bytes()) for event in events]


def a_schedule() -> Schedule:
    """The default terms, and a calendar without holidays."""
    return Schedule(terms=default_terms(), calendar=plain_calendar())


def plain_calendar() -> WorkCalendar:
    """Weekdays only, 2026 and 2027 known."""
    return WorkCalendar(
        years=frozenset({2026, 2027}), holidays=frozenset(), makeup_workdays=frozenset()
    )


@cache
def default_terms() -> Terms:
    """What the settings say when nobody sets anything."""
    mongo, master = SecretStr("mongodb://m:1"), SecretStr("A" * 43 + "=")
    return Settings(kafka="k:1", mongo=mongo, port=1, master_key=master).terms


def a_push(
    owes: tuple[Duty, ...] = (Duty.RECEIPT, Duty.ENROLMENT, Duty.INSPECTION),
    policy: ReceiptPolicy = ReceiptPolicy.EXPLICIT,
    **changes: Any,
) -> Push:
    """An open push to the county's market regulator."""
    event = a_decision(a_catalogue(), commitment=a_commitment())
    opening = Opening(recipient=MARKET, owes=owes, policy=policy, at=NOON)
    return replace(begin_push(event, opening, a_schedule()), **changes)


def _authority(id_: str, region: str, kind: AuthorityKind) -> Authority:
    return Authority(id=id_, name=id_, kind=kind, region=region)


def _supervising(id_: str, region: str, field: str, policy: ReceiptPolicy) -> Authority:
    return Authority(
        id=id_,
        name=id_,
        kind=AuthorityKind.SUPERVISING,
        region=region,
        field=field,
        receipt_policy=policy,
    )


def _item(code: str, *supervised_by: tuple[str, tuple[Duty, ...]]) -> CatalogueItem:
    return CatalogueItem(
        code=code,
        name=code,
        group="food",
        legal_days=20,
        promised_days=5,
        supervised_by=tuple(Supervision(field=field, owes=owes) for field, owes in supervised_by),
    )
