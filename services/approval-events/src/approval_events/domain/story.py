"""The story of a linkage, both directions: when, what, who, how long after the decision came."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from approval_events.domain.breach_ladder import STEPS
from approval_events.domain.facts import Fact, FactKind
from approval_events.domain.linkage import Linkage

_TITLES: dict[FactKind, str] = {
    FactKind.DECIDED: "决定 decided",
    FactKind.FINDING_RAISED: "审批预警 rule of approval broken",
    FactKind.FINDING_ANSWERED: "纠错反馈 finding answered",
    FactKind.FINDING_SENT_BACK: "反馈退回 answer sent back",
    FactKind.FINDING_ACCEPTED: "反馈认可 answer accepted",
    FactKind.FINDING_CLOSED: "更正结案 finding closed",
    FactKind.CONFLICT: "内容冲突 conflict found",
    FactKind.UNROUTED: "待认领 waiting in the pool",
    FactKind.OPENED: "推送 push opened",
    FactKind.DELIVERED: "送达 delivered",
    FactKind.RECEIVED: "签收 received",
    FactKind.RETURNED: "退回 returned",
    FactKind.RECALLED: "撤销推送 recalled",
    FactKind.ENROLLED: "纳入监管 enrolled",
    FactKind.FED_BACK: "反馈 fed back",
    FactKind.FOUND: "监管结果 found by supervision",
    FactKind.FORWARDED: "回推 result forwarded",
    FactKind.RESULT_RECEIVED: "结果签收 result received",
    FactKind.RESULT_RETURNED: "结果退回 result returned",
    FactKind.REPORTED: "处置反馈 action reported",
    FactKind.REPORT_FORWARDED: "处置送达 report forwarded",
    FactKind.BREACH_SUSPECTED: "疑似违诺 breach suspected",
    FactKind.BREACH_RETURNED: "违诺线索退回 suspicion returned",
    FactKind.BREACH_NOTIFIED: "违诺告知 party told",
    FactKind.BREACH_HEARD: "陈述申辩 party heard",
    FactKind.BREACH_FOUND: "违诺认定 breach found",
    FactKind.BREACH_DISMISSED: "违诺不成立 breach dismissed",
    FactKind.BREACH_WARNED: "违诺警示 party warned",
    FactKind.BREACH_MENDED: "违诺整改合格 breach mended",
    FactKind.BREACH_SANCTIONED: "违诺惩戒 breach sanctioned",
    FactKind.BREACH_REPAIRED: "信用修复 credit repaired",
    FactKind.BREACH_RESTORED: "撤销信用修复 repair revoked",
    FactKind.BREACH_OVERTURNED: "认定撤销 overturned",
    FactKind.TOLERATED: "容缺 accepted with materials missing",
    FactKind.TOLERANCE_EXPIRED: "容缺逾期 not supplemented in time",
    FactKind.TOLERANCE_SUPPLEMENTED: "容缺补正 supplemented",
    FactKind.TOLERANCE_TERMINATED: "容缺终止 terminated",
    FactKind.WARNED: "预警 warned",
    FactKind.OVERDUE: "催办 overdue",
    FactKind.ESCALATED: "督办 escalated",
    FactKind.DEADLINE_CHANGED: "期限变更 deadline changed",
    FactKind.ESCALATION_ANSWERED: "督办答复 escalation answered",
}
_ACTORS = ("recipient", "supervisor", "overseer", "organisation", "to")
_IN_ORDER = list(FactKind)
"""Facts of one instant are told in the order of the way through the loops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line of the story."""

    at: datetime
    what: str
    """The event's type."""
    title: str
    organisation: str
    who: str
    by: str | None
    detail: str
    after_seconds: float


def story(linkage: Linkage, names: Mapping[str, str]) -> tuple[Step, ...]:
    """Everything that happened, in order.

    Args:
        linkage: the ledger's page.
        names: what organisations are called, by id.
    """
    return told(linkage.all_facts(), linkage.authority, names)


def told(facts: Iterable[Fact], authority: str, names: Mapping[str, str]) -> tuple[Step, ...]:
    """The same of any facts about one decision of this authority."""
    ordered = sorted(facts, key=lambda fact: (fact.at, _IN_ORDER.index(fact.kind), fact.id))
    return tuple(_step(fact, ordered, authority, names) for fact in ordered)


def _step(fact: Fact, facts: Sequence[Fact], authority: str, names: Mapping[str, str]) -> Step:
    # A bureau's step on a breach names the supervisor who raised it: that one did not act.
    actors = () if fact.kind in STEPS else _ACTORS
    organisation = next(
        (str(fact.detail[actor]) for actor in actors if actor in fact.detail), authority
    )
    by = fact.detail.get("by")
    name = names.get(organisation, organisation)
    return Step(
        at=fact.at,
        what=str(fact.detail["type"]),
        title=_TITLES[fact.kind],
        organisation=organisation,
        who=f"{name} {by}" if by else name,
        by=str(by) if by else None,
        detail=_details(fact),
        after_seconds=max(0.0, (fact.at - facts[0].at).total_seconds()),
    )


def _details(fact: Fact) -> str:
    words = (
        word(value)
        for field, word in _WORDS.items()
        if (value := fact.detail.get(field)) not in (None, [], False)
    )
    return " ".join(word for word in words if word)


def _as_it_stands(value: object) -> str:
    return str(value)


def _labelled(label: str) -> Callable[[object], str]:
    def word(value: object) -> str:
        listed = "、".join(map(str, value)) if isinstance(value, list) else value
        return f"{label} {listed}"

    return word


_WORDS: dict[str, Callable[[object], str]] = {
    "rule": _as_it_stands,
    "breach": _as_it_stands,
    "severity": _labelled("程度 severity:"),
    "kind": _as_it_stands,
    "document_number": _as_it_stands,
    "effective_on": _as_it_stands,
    "found_on": _as_it_stands,
    "irregular": _labelled("异常 irregular:"),
    "differences": _labelled("不一致 differs:"),
    "items": _labelled("事项 items:"),
    "owes": _labelled("须 owes:"),
    "channel": _labelled("渠道 by:"),
    "deemed": lambda _: "视为签收 deemed",
    "duty": _as_it_stands,
    "outcome": _as_it_stands,
    "promise": _labelled("承诺 promise:"),
    "missing": _labelled("尚缺 missing:"),
    "hear_by": _labelled("陈述申辩至 heard until:"),
    "statement": _labelled("陈述 said:"),
    "silent": lambda _: "逾期未陈述 said nothing in time",
    "mend_by": _labelled("整改至 mend by:"),
    "referred_to": _labelled("移送 referred to:"),
    "requests": _labelled("请求 requests:"),
    "clock": _as_it_stands,
    "cause": _as_it_stands,
    "was_due_on": _labelled("原期限 was due:"),
    "due_on": _labelled("期限 due:"),
    "escalated_to": _labelled("督办至 to:"),
    "reason": _as_it_stands,
    "explanation": _as_it_stands,
    "measures": _labelled("措施 measures:"),
    "suggested": _labelled("建议 suggested:"),
    "note": _as_it_stands,
    "act_document_number": _as_it_stands,
}
"""Which parts of a fact are told, in this order."""
