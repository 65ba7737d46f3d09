"""What entries of ``linkage.feeds.v1`` tell, where no event says it already."""

from datetime import date

from linkage_contracts.breaches import AnyBreachEvent
from linkage_contracts.codes import Clock, Duty, FactChange, ReceiptPolicy, RiskClass
from linkage_contracts.credit_acts import AnyCaseEvent
from linkage_contracts.decisions import Decision, Irregularity
from linkage_contracts.envelope import Value
from linkage_contracts.facts import FactSource
from linkage_contracts.ids import Id
from linkage_contracts.results import AnyResultEvent


class ClockNotice(Value):
    """What is owed by when."""

    clock: Clock
    due_on: date
    provisional: bool = False
    """The year's holiday notice is not known yet; the date is recomputed when it is."""


class PushNotice(Value):
    """First push: a decision this authority must supervise, and what it owes."""

    push_id: Id
    decision_event_id: Id
    decision_type: str
    owes: tuple[Duty, ...]
    clocks: tuple[ClockNotice, ...] = ()
    policy: ReceiptPolicy | None = None
    """What counts as its receipt; unset in entries written before this was told."""
    rerouted_from: str | None = None
    party_class: RiskClass | None = None
    """Internal supervision reference at the time of the push; never to be published."""
    decision: Decision


class ResultNotice(Value):
    """Second push: what supervision found about a licence this bureau granted."""

    clocks: tuple[ClockNotice, ...] = ()
    found: AnyResultEvent
    breach_id: Id | None = None
    """The breach that it raises, by which the bureau tells the party and hears it."""


class IrregularityNotice(Value):
    """预警: a rule of approval was broken; to the bureau for correction, to oversight to watch."""

    decision_id: Id
    authority: str
    document_number: str
    irregularities: tuple[Irregularity, ...]
    decision_event_id: Id | None = None
    clock: ClockNotice | None = None
    """By when the bureau answers each."""


class BreachProgress(Value):
    """A step of a breach (违诺) that this organisation raised, or that was referred to it."""

    step: AnyBreachEvent
    clock: ClockNotice | None = None
    """By when the bureau takes the next one, where a clock runs."""


class CaseProgress(Value):
    """An application for repair or an objection that this organisation decides, or took in."""

    case_id: Id | None = None
    """The line of its worklist; unset for the window that took it in and decides nothing of it."""
    step: AnyCaseEvent
    clock: ClockNotice | None = None
    """By when it is to be decided, where a clock runs."""


class ChangedFacts(Value):
    """Facts that this organisation was told of, or found, and what became of them."""

    change: FactChange
    act_id: Id
    party: str
    by: str
    on: date
    """Since when, or, of what was overturned or withdrawn, when that came out."""
    ground: str
    effects: tuple[str, ...] = ()
    facts: tuple[FactSource, ...]
