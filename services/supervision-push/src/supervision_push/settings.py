"""What this service is told by its environment; read once, by ``bootstrap``."""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from linkage_contracts.codes import Clock
from linkage_runtime.settings import RuntimeSettings
from supervision_push.domain.moves import Limits
from supervision_push.domain.terms import Terms

Network = IPv4Network | IPv6Network


class Settings(RuntimeSettings):
    """``LINKAGE_*``; a place replaces the terms, which are defaults, by its own rules."""

    webhook_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    """Private networks, comma-separated CIDRs, in which a webhook's endpoint may lie."""
    webhook_give_up_after: timedelta = timedelta(days=3)
    """How long a receiver may fail before its subscription is disabled, with an alert."""
    webhook_secret_overlap: timedelta = timedelta(days=1)
    """How long an old secret signs beside the new one after a rotation."""
    unread_after: timedelta = timedelta(days=1)
    """How long a feed with entries may be read by nobody before oversight is shown it."""
    kafka_principal: str = "User:{organisation}"
    """Who an organisation is to a Kafka cluster that has access rules."""
    streams_per_organisation: int = Field(default=8, ge=1)
    """Event streams (SSE) that one organisation may hold open on one process."""
    partitions: int = Field(default=8, ge=1)
    """Of every topic; an organisation's feed lies in the one that its code hashes to."""

    notify_command: tuple[str, ...] = ()
    """A program and its arguments, as a JSON list, that tells a liaison: JSON on its input."""
    notify_http: SecretStr | None = None
    """A hook that tells a liaison; its address may hold a key."""
    notify_http_token: SecretStr | None = None
    """What it wants as a bearer token."""
    notify_smtp: SecretStr | None = None
    """``smtps://user:password@host:465``, ``smtp+starttls://…``, or ``smtp://…`` in clear."""
    notify_from: str = "linkage@localhost"
    """The mailbox that messages come from."""
    notify_link: str | None = None
    """Where a liaison signs in."""
    notify_every_minutes: int = Field(default=15, ge=0)
    """Least time between two messages to an organisation; escalated work does not wait."""

    receipt_working_days: int = Field(default=2, ge=0)
    """Push to receipt (签收): an assumption; no published rule gives a number."""
    enrolment_working_days: int = Field(default=5, ge=0)
    """Push to enrolment (纳入监管): an assumption."""
    inspection_working_days: int = Field(default=20, ge=0)
    """Push to the first inspection: an assumption."""
    result_receipt_working_days: int = Field(default=2, ge=0)
    """Result to the bureau's receipt: an assumption."""
    action_report_working_days: int = Field(default=10, ge=0)
    """Result to the bureau's report, unless the request names a day: an assumption."""
    supplement_working_days: int = Field(default=20, ge=1)
    """Decision to the supplement of what was missing (容缺), at most: a local rule, Shenzhen's."""
    supplement_before_promise: int = Field(default=2, ge=0)
    """Working days by which a supplement is due before the item's promised term: Shenzhen's."""
    finding_answer_working_days: int = Field(default=5, ge=0)
    """Finding (预警), or an answer sent back, to the bureau's answer: an assumption."""
    warn_after: float = Field(default=0.8, gt=0, lt=1)
    """Share of a term after which its end is warned of (预警): an assumption."""
    escalate_working_days: int = Field(default=2, ge=0)
    """From the breach to escalation (督办): an assumption."""
    escalate_again_working_days: int | None = Field(default=None, ge=0)
    """From escalation to the second level, unless the duty was done; by default there is none."""
    answer_working_days: int = Field(default=2, ge=1)
    """From an escalation to its answer, before it is raised again: an assumption."""
    pauses: int = Field(default=1, ge=0)
    """How often one deadline may be made to stand still (中止) by who owes: an assumption."""
    pause_working_days: int = Field(default=10, ge=0)
    """How long at most; then it runs again by itself: an assumption."""
    extensions: int = Field(default=1, ge=0)
    """How often one deadline may be extended (延期) by who owes: an assumption."""
    extension_working_days: int = Field(default=10, ge=0)
    """By how much in all: an assumption, after the ten days that 行政许可法 adds to a decision."""

    @field_validator("webhook_networks", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @property
    def terms(self) -> Terms:
        """How long each duty may take."""
        return Terms(
            working_days={
                Clock.RECEIPT: self.receipt_working_days,
                Clock.ENROLMENT: self.enrolment_working_days,
                Clock.INSPECTION: self.inspection_working_days,
                Clock.RESULT_RECEIPT: self.result_receipt_working_days,
                Clock.ACTION_REPORT: self.action_report_working_days,
                Clock.TOLERANCE_SUPPLEMENT: self.supplement_working_days,
                Clock.FINDING_ANSWER: self.finding_answer_working_days,
                Clock.BREACH_HEARING: self.breach_hearing_working_days,
                Clock.BREACH_FINDING: self.breach_finding_working_days,
                Clock.BREACH_HANDLING: self.breach_handling_working_days,
                Clock.REPAIR_DECISION: self.repair_decision_working_days,
                Clock.OBJECTION_ANSWER: self.objection_answer_working_days,
            },
            supplement_before_promise=self.supplement_before_promise,
            commitment_check_months=self.commitment_check_months,
            warn_after=self.warn_after,
            escalate_working_days=self.escalate_working_days,
            escalate_again_working_days=self.escalate_again_working_days,
            answer_working_days=self.answer_working_days,
        )

    @property
    def limits(self) -> Limits:
        """How often and how long who owes may move a deadline."""
        return Limits(
            pauses=self.pauses,
            pause_working_days=self.pause_working_days,
            extensions=self.extensions,
            extension_working_days=self.extension_working_days,
        )
