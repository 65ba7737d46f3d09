"""What is wrong with a submitted result, found without asking anybody."""

from collections.abc import Iterator
from datetime import date

from linkage_contracts.codes import PartyKind
from linkage_contracts.identity import UNKNOWN_USCC, is_region, is_resident_id, is_uscc
from linkage_runtime.faults import Fault
from supervision_push.domain.submitted_result import (
    AnySubmittedResult,
    SubmittedInspection,
    SubmittedParty,
    SubmittedPenalty,
    SubmittedRectificationOrder,
)

RESIDENT_ID = "身份证"
"""The kind of document that is meant where none is named."""

FOREIGN_SUPERVISOR = Fault(
    pointer="/supervisor",
    rule="foreign_supervisor",
    zh="此密钥不能代表该监管部门",
    en="this key may not emit for that authority",
    remedy_zh="请核对 supervisor,或申请授权",
    remedy_en="check supervisor, or ask for the right",
)
UNLISTED_SUPERVISOR = Fault(
    pointer="/supervisor",
    rule="unlisted_supervisor",
    zh="事项目录中没有该部门",
    en="the catalogue has no such authority",
    remedy_zh="请核对统一社会信用代码",
    remedy_en="check its credit code",
)
REGION_MISSING = Fault(
    pointer="/region",
    rule="region_missing",
    zh="无法确定行政区划",
    en="the region is not known",
    remedy_zh="请填写 region",
    remedy_en="give region",
)
NOT_PUSHED = Fault(
    pointer="",
    rule="not_pushed",
    zh="没有向该部门推送过此许可,或推送尚未到达",
    en="this authority was not pushed that decision, or not yet",
    remedy_zh="请稍后重试,或核对 push_id、decision_id",
    remedy_en="try again later, or check push_id and decision_id",
)


def faults_in(submitted: AnySubmittedResult, today: date) -> tuple[Fault, ...]:
    """All mistakes at once."""
    return (*_concern(submitted), *_dates(submitted, today))


def _concern(submitted: AnySubmittedResult) -> Iterator[Fault]:
    referred = submitted.push_id is not None or submitted.decision_id is not None
    if referred and submitted.party is not None:
        yield Fault(
            pointer="/party",
            rule="party_twice",
            zh="已给出推送或许可决定,相对人由其带出",
            en="the push or decision tells the party",
            remedy_zh="请删除 party,或删除 push_id 和 decision_id",
            remedy_en="leave party out, or push_id and decision_id",
        )
    if not referred and submitted.party is None:
        yield Fault(
            pointer="/party",
            rule="party_missing",
            zh="未说明相对人",
            en="nothing says whom this is about",
            remedy_zh="请填写 push_id、decision_id 或 party",
            remedy_en="give push_id, decision_id or party",
        )
    if submitted.region is not None and not is_region(submitted.region):
        yield Fault(
            pointer="/region",
            rule="region",
            zh="不是行政区划代码",
            en="not a region code (GB/T 2260)",
            remedy_zh="请填写 6、9 或 12 位行政区划代码",
            remedy_en="give 6, 9 or 12 digits",
        )
    if submitted.party is not None:
        yield from _party(submitted.party)


def _party(party: SubmittedParty) -> Iterator[Fault]:
    natural = party.kind is PartyKind.NATURAL_PERSON
    if natural and party.code is not None:
        yield Fault(
            pointer="/party/code",
            rule="code_of_person",
            zh="自然人没有统一社会信用代码",
            en="a natural person has no credit code",
            remedy_zh="请改填 id_type 和 id_number",
            remedy_en="use id_type and id_number",
        )
    elif party.code not in (None, UNKNOWN_USCC) and not is_uscc(party.code or ""):
        yield Fault(
            pointer="/party/code",
            rule="uscc",
            zh="统一社会信用代码校验位不符",
            en="not a credit code (GB 32100 check digit)",
            remedy_zh=f"请核对;确实不明的填 {UNKNOWN_USCC}",
            remedy_en=f"check it; where it is unknown write {UNKNOWN_USCC}",
        )
    resident = natural and (party.id_type or RESIDENT_ID) == RESIDENT_ID
    if resident and party.id_number is not None and not is_resident_id(party.id_number):
        yield Fault(
            pointer="/party/id_number",
            rule="resident_id",
            zh="公民身份号码校验位不符",
            en="not a resident id number (GB 11643 check digit)",
            remedy_zh="请核对;其他证件请在 id_type 中写明",
            remedy_en="check it; name any other kind of document in id_type",
        )


def _dates(submitted: AnySubmittedResult, today: date) -> Iterator[Fault]:
    if submitted.found_on > today:
        yield Fault(
            pointer="/found_on",
            rule="future",
            zh="日期晚于今天",
            en="a date in the future",
            remedy_zh="请填写实际日期",
            remedy_en="give the day on which it was found",
        )
    for pointer, later in _later_dates(submitted):
        if later is not None and later < submitted.found_on:
            yield Fault(
                pointer=pointer,
                rule="date_order",
                zh="早于 found_on",
                en="earlier than found_on",
                remedy_zh="请核对两个日期",
                remedy_en="check both dates",
            )


def _later_dates(submitted: AnySubmittedResult) -> Iterator[tuple[str, date | None]]:
    match submitted:
        case SubmittedInspection() | SubmittedRectificationOrder():
            yield "/rectify_by", submitted.rectify_by
        case SubmittedPenalty():
            yield "/public_until", submitted.public_until
        case _:
            pass
    if submitted.request is not None:
        yield "/request/report_by", submitted.request.report_by
