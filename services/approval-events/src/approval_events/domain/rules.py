"""The rules at the door: what makes a submission impossible to place, and how to mend it."""

from enum import StrEnum
from typing import NamedTuple

from linkage_runtime.faults import Fault


class DoorRule(StrEnum):
    """Why a submission is turned away; a breach of a rule of approval only makes it irregular."""

    AUTHORITY_UNKNOWN = "authority_unknown"
    AUTHORITY_NOT_APPROVING = "authority_not_approving"
    AUTHORITY_NOT_YOURS = "authority_not_yours"
    REGION_SHAPE = "region_shape"
    PARTY_CODE_MISSING = "party_code_missing"
    USCC_CHECK_DIGIT = "uscc_check_digit"
    CODE_OF_NATURAL_PERSON = "code_of_natural_person"
    ID_NUMBER_OF_ORGANISATION = "id_number_of_organisation"
    RESIDENT_ID_CHECK_DIGIT = "resident_id_check_digit"
    VALID_FROM_MISSING = "valid_from_missing"
    VALIDITY_REVERSED = "validity_reversed"
    VALID_FROM_IN_FUTURE = "valid_from_in_future"
    DECISION_IN_FUTURE = "decision_in_future"
    ACCEPTED_AFTER_DECISION = "accepted_after_decision"
    ACT_REQUIRED = "act_required"
    ACT_NOT_EXPECTED = "act_not_expected"
    ACT_IN_FUTURE = "act_in_future"
    ACT_BEFORE_DECISION = "act_before_decision"
    PARTY_CHANGED = "party_changed"


class _Words(NamedTuple):
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


_WORDS: dict[DoorRule, _Words] = {
    DoorRule.AUTHORITY_UNKNOWN: _Words(
        "目录中没有此机关",
        "no such authority in the catalogue",
        "请核对许可机关统一社会信用代码,或先更新目录",
        "check its code, or update the catalogue first",
    ),
    DoorRule.AUTHORITY_NOT_APPROVING: _Words(
        "此机关不是审批部门",
        "this authority does not approve",
        "请填写作出决定的审批部门",
        "name the authority that decided",
    ),
    DoorRule.AUTHORITY_NOT_YOURS: _Words(
        "此密钥不能代此机关报送",
        "this key may not emit for this authority",
        "请使用该机关授权的密钥",
        "use a key that names this authority",
    ),
    DoorRule.REGION_SHAPE: _Words(
        "不是行政区划代码 (GB/T 2260)",
        "not a region code (GB/T 2260)",
        "请填写 6、9 或 12 位数字",
        "write 6, 9 or 12 digits",
    ),
    DoorRule.PARTY_CODE_MISSING: _Words(
        "缺少统一社会信用代码",
        "the party's code is missing",
        "请填写;确实不知道的填 00000000000000000X",
        "fill it in; if it is unknown write 00000000000000000X",
    ),
    DoorRule.USCC_CHECK_DIGIT: _Words(
        "统一社会信用代码格式或校验位不符 (GB 32100)",
        "not a credit code: wrong shape or check digit (GB 32100)",
        "请核对 18 位代码",
        "check all 18 characters",
    ),
    DoorRule.CODE_OF_NATURAL_PERSON: _Words(
        "自然人没有统一社会信用代码",
        "a natural person has no credit code",
        "请删除代码,证件号码填入 id_number;或改正相对人类别",
        "leave it out and give id_number, or correct the kind of party",
    ),
    DoorRule.ID_NUMBER_OF_ORGANISATION: _Words(
        "只有自然人填写证件号码",
        "only a natural person has an id number here",
        "法定代表人的证件号码请填入 legal_representative",
        "a representative's number goes into legal_representative",
    ),
    DoorRule.RESIDENT_ID_CHECK_DIGIT: _Words(
        "公民身份号码格式或校验位不符 (GB 11643)",
        "not a resident id: wrong shape or check digit (GB 11643)",
        "请核对 18 位号码;其他证件请改证件类型",
        "check all 18 characters; name another id_type for another document",
    ),
    DoorRule.VALID_FROM_MISSING: _Words(
        "缺少有效期自", "valid_from is missing", "请填写;仅不予许可可以不填", "fill it in"
    ),
    DoorRule.VALIDITY_REVERSED: _Words(
        "有效期至早于有效期自",
        "valid_until is before valid_from",
        "请核对两个日期;长期填 2099-12-31",
        "check both dates; without limit is 2099-12-31",
    ),
    DoorRule.VALID_FROM_IN_FUTURE: _Words(
        "有效期自晚于今天",
        "valid_from is in the future",
        "请核对日期;延续许可请用 renewed",
        "check the date; only a renewal begins later",
    ),
    DoorRule.DECISION_IN_FUTURE: _Words(
        "决定日期晚于今天", "decided in the future", "请核对日期", "check the date"
    ),
    DoorRule.ACCEPTED_AFTER_DECISION: _Words(
        "受理日期晚于决定日期",
        "accepted after it was decided",
        "请核对两个日期;不掌握受理日期的可以不填",
        "check both dates; leave accepted_on out if it is not known",
    ),
    DoorRule.ACT_REQUIRED: _Words(
        "此类决定须有其自身的文书",
        "this kind of decision needs its own act",
        "请填写 act:文书号、日期、依据",
        "give act: document_number, on, ground",
    ),
    DoorRule.ACT_NOT_EXPECTED: _Words(
        "准予或不予许可没有后续文书",
        "a grant or refusal has no later act",
        "请删除 act,或改正决定类型",
        "leave act out, or correct kind",
    ),
    DoorRule.ACT_IN_FUTURE: _Words(
        "文书日期晚于今天", "the act is in the future", "请核对日期", "check the date"
    ),
    DoorRule.ACT_BEFORE_DECISION: _Words(
        "文书日期早于许可决定日期",
        "the act is earlier than the decision",
        "请核对两个日期",
        "check both dates",
    ),
    DoorRule.PARTY_CHANGED: _Words(
        "相对人不能改为另一主体",
        "an act cannot turn the party into another",
        "请注销原许可,并向新主体另作决定",
        "deregister this decision and issue another for the new party",
    ),
}


def fault(rule: DoorRule, pointer: str) -> Fault:
    """The breach of a rule at one place of what was sent."""
    return Fault(pointer=pointer, rule=rule, **_WORDS[rule]._asdict())
