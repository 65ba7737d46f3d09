"""Events of both loops about one decision, for the tests of the ledger."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from linkage_contracts import actions, deadlines, progress, results
from linkage_contracts.codes import (
    ActionOutcome,
    Channel,
    Clock,
    DecisionKind,
    Duty,
    PartyKind,
    RequestedAction,
)
from linkage_contracts.decisions import EVENT_OF_KIND, Act, Decision, DecisionEvent, Item
from linkage_contracts.envelope import Event
from linkage_contracts.ids import stable_id
from linkage_contracts.parties import Organisation, Party
from tests.unit.approval_builders import BUREAU, FOOD, PARTY_CODE, SUPERVISOR

DECISION = stable_id("decision", "example")
PARTY = Party(key=PARTY_CODE, kind=PartyKind.LEGAL_PERSON, name="某公司", code=PARTY_CODE)
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ALL_DUTIES = (Duty.RECEIPT, Duty.ENROLMENT, Duty.INSPECTION)


def at(minutes: float) -> datetime:
    """So many minutes after the decision came in."""
    return START + timedelta(minutes=minutes)


def envelope(name: str, minutes: float) -> dict[str, Any]:
    """An envelope whose id follows from ``name``."""
    return {
        "id": stable_id("example", name),
        "source": f"/organisations/{BUREAU}",
        "subject": DECISION,
        "time": at(minutes),
        "recordedtime": at(minutes),
        "partitionkey": PARTY_CODE,
        "emitter": "linkage",
    }


def decided(
    name: str = "decided",
    minutes: float = 0,
    kind: DecisionKind = DecisionKind.GRANTED,
    content: str = "餐饮服务",
    digest: str = "a" * 64,
) -> DecisionEvent:
    """The decision, or another version of it."""
    has_act = kind not in {DecisionKind.GRANTED, DecisionKind.REFUSED}
    decision = Decision(
        decision_id=DECISION,
        kind=kind,
        authority=Organisation(id=BUREAU, name="灵山县行政审批局"),
        document_number="灵审批〔2026〕1号",
        document_title="食品经营许可决定书",
        category="普通",
        content=content,
        decided_on=date(2026, 11, 20),
        valid_from=date(2026, 11, 20),
        region="450721",
        party=PARTY,
        items=(Item(code=FOOD, name="食品经营许可"),),
        catalogue_version="0" * 12,
        act=Act(document_number="撤1号", on=date(2026, 11, 21), ground="x") if has_act else None,
        accepted_at=at(minutes),
        digest=digest,
    )
    event_type: Any = EVENT_OF_KIND[kind]
    event: DecisionEvent = event_type(**envelope(name, minutes), data=decision)
    return event


def push(name: str, cause: str = "decided", recipient: str = SUPERVISOR) -> dict[str, Any]:
    """Which push an event is about."""
    return {
        "push_id": stable_id("push", name),
        "decision_id": DECISION,
        "decision_event_id": stable_id("example", cause),
        "authority": BUREAU,
        "recipient": recipient,
    }


def opened(
    minutes: float = 1,
    name: str = "p",
    cause: str = "decided",
    owes: tuple[Duty, ...] = (Duty.RECEIPT,),
    resolves: str | None = None,
) -> Event:
    """A push was opened."""
    return progress.PushOpened(
        **envelope(f"opened {name}", minutes),
        data=progress.Opened(**push(name, cause), owes=owes, resolves=resolves),
    )


def delivered(minutes: float = 2, name: str = "p", channel: Channel = Channel.PULL) -> Event:
    """It was handed over."""
    return progress.PushDelivered(
        **envelope(f"delivered {name} {channel}", minutes),
        data=progress.Delivered(**push(name), channel=channel),
    )


def received(minutes: float = 3, name: str = "p") -> Event:
    """It was signed for."""
    return progress.PushReceived(
        **envelope(f"received {name}", minutes),
        data=progress.Received(**push(name), by="李监管"),
    )


def enrolled(minutes: float = 4, name: str = "p") -> Event:
    """The party is under supervision."""
    return progress.PartyEnrolled(
        **envelope(f"enrolled {name}", minutes),
        data=progress.Enrolled(**push(name), by="李监管"),
    )


def fed_back(minutes: float = 5, name: str = "p", duty: Duty = Duty.INSPECTION) -> Event:
    """A duty was done."""
    return progress.PushFedBack(
        **envelope(f"fed back {name} {duty}", minutes),
        data=progress.FedBack(**push(name), by="李监管", duty=duty, outcome="符合"),
    )


def returned(minutes: float = 3, name: str = "p") -> Event:
    """It was returned, and waits in the pool."""
    return progress.PushReturned(
        **envelope(f"returned {name}", minutes),
        data=progress.Returned(
            **push(name), by="李监管", reason="非职责", pool_id=stable_id("pool", name)
        ),
    )


def recalled(minutes: float = 6, name: str = "p") -> Event:
    """It was recalled."""
    return progress.PushRecalled(
        **envelope(f"recalled {name}", minutes),
        data=progress.Recalled(**push(name), reason="撤销"),
    )


def unrouted(minutes: float = 1, name: str = "u", cause: str = "decided") -> Event:
    """Nobody is competent."""
    return progress.DecisionUnrouted(
        **envelope(f"unrouted {name}", minutes),
        data=progress.Unrouted(
            pool_id=stable_id("pool", name),
            decision_id=DECISION,
            decision_event_id=stable_id("example", cause),
            authority=BUREAU,
            reason="无主管部门",
        ),
    )


def overdue(minutes: float = 9) -> Event:
    """A deadline passed."""
    return deadlines.DeadlineOverdue(
        **envelope("overdue", minutes),
        data=deadlines.Deadline(
            decision_id=DECISION,
            organisation=SUPERVISOR,
            clock=Clock.RECEIPT,
            due_on=date(2026, 11, 24),
        ),
    )


RESULT = stable_id("result", "r")


def found(minutes: float = 20, *, requests: bool = False) -> Event:
    """Supervision found something."""
    request = results.ActionRequest(action=RequestedAction.ANNUL, ground="x") if requests else None
    return results.ClueRaised(
        **envelope("found", minutes),
        data=results.RiskClue(
            result_id=RESULT,
            supervisor=Organisation(id=SUPERVISOR, name="灵山县市场监督管理局"),
            party=PARTY,
            found_on=date(2026, 11, 20),
            region="450721",
            summary="x",
            decision_id=DECISION,
            authority=BUREAU,
            request=request,
            digest="b" * 64,
        ),
    )


def forwarded(minutes: float = 21) -> Event:
    """It stands on the bureau's feed."""
    return progress.ResultForwarded(
        **envelope("forwarded", minutes),
        data=progress.Forwarded(result_id=RESULT, decision_id=DECISION, to=BUREAU, at=at(minutes)),
    )


def _about() -> dict[str, Any]:
    return {
        "result_id": RESULT,
        "result_type": "linkage.result.clue-raised.v1",
        "decision_id": DECISION,
        "authority": BUREAU,
        "supervisor": SUPERVISOR,
        "by": "王审批",
    }


def result_received(minutes: float = 22) -> Event:
    """The bureau signed for it."""
    return actions.ResultReceived(
        **envelope("result received", minutes), data=actions.Reception(**_about())
    )


def result_returned(minutes: float = 22) -> Event:
    """The bureau returned it."""
    return actions.ResultReturned(
        **envelope("result returned", minutes),
        data=actions.Refusal(**_about(), reason="不是本机关的许可"),
    )


def reported(minutes: float = 23) -> Event:
    """The bureau said what it did."""
    return actions.ActionReported(
        **envelope("reported", minutes),
        data=actions.Report(**_about(), outcome=ActionOutcome.ANNULLED, note="已撤销"),
    )


def report_forwarded(minutes: float = 24) -> Event:
    """That stands on the supervisor's feed."""
    return progress.ReportForwarded(
        **envelope("report forwarded", minutes),
        data=progress.Forwarded(
            result_id=RESULT, decision_id=DECISION, to=SUPERVISOR, at=at(minutes)
        ),
    )
