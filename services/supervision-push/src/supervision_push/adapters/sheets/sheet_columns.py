"""The columns of the 待办 sheet: what it tells, what a clerk fills in, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from linkage_contracts.codes import Clock, Duty, InspectionOutcome
from supervision_push.application.act_by_sheet import SheetAct

PENDING_TITLE: Final = "待办"
HELP_TITLE: Final = "填写说明"
AUTHORITIES_TITLE: Final = "部门"
YES: Final = "是"
WRONG: Final = "有误"
MAX_ROWS: Final = 10_000

DUTIES: Final[Mapping[str, str]] = {
    Duty.NOTICE: "知悉",
    Duty.RECEIPT: "签收",
    Duty.ENROLMENT: "纳入监管",
    Duty.INSPECTION: "监督检查",
    Duty.COMMITMENT_CHECK: "承诺核查",
}
CLOCKS: Final[Mapping[str, str]] = {
    Clock.RECEIPT: DUTIES[Duty.RECEIPT],
    Clock.ENROLMENT: DUTIES[Duty.ENROLMENT],
    Clock.INSPECTION: DUTIES[Duty.INSPECTION],
    Clock.COMMITMENT_CHECK: DUTIES[Duty.COMMITMENT_CHECK],
}
FED_BACK: Final[Mapping[str, Duty]] = {
    DUTIES[duty]: duty for duty in (Duty.INSPECTION, Duty.COMMITMENT_CHECK)
}
FINDINGS: Final[Mapping[str, str]] = {
    "符合": InspectionOutcome.CONFORMS,
    "基本符合": InspectionOutcome.MOSTLY_CONFORMS,
    "不符合": InspectionOutcome.FAILS,
}
ACTS: Final[Mapping[SheetAct, str]] = {
    SheetAct.RECEIVE: "签收",
    SheetAct.RETURN: "退回",
    SheetAct.ENROL: "纳入监管",
    SheetAct.FEED_BACK: "反馈",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``key`` is what programs call it, ``title`` what stands above it."""

    key: str
    title: str
    width: int
    choices: tuple[str, ...] = ()
    help: str = ""


TOLD: Final = (
    Column(key="push_id", title="推送编号", width=38),
    Column(key="state", title="状态", width=9),
    Column(key="party", title="行政相对人", width=30),
    Column(key="items", title="事项", width=30),
    Column(key="document_number", title="决定文书号", width=26),
    Column(key="decided_on", title="决定日期", width=12),
    Column(key="authority", title="审批部门", width=24),
    Column(key="received_at", title="签收时间", width=17),
    Column(key="owed", title="尚应办理", width=38),
    Column(key="due", title="办理期限", width=78),
)
FILLED: Final = (
    Column(
        key="by",
        title="办理人",
        width=12,
        help="必填。账号或工号,勿填身份证号 (who acts: an account or staff number)",
    ),
    Column(key="receive", title="签收", width=8, choices=(YES,), help="签收填“是” (receive)"),
    Column(
        key="return_reason",
        title="退回原因",
        width=24,
        help="非本单位职责的填写;退回的不再填其他各项 (return: why it is not yours)",
    ),
    Column(
        key="suggested",
        title="退回至",
        width=28,
        help="知道应由谁办理的,从下拉列表选 (whose it is, if known)",
    ),
    Column(
        key="enrol",
        title="纳入监管",
        width=10,
        choices=(YES,),
        help="已纳入监管填“是” (enrolled under supervision)",
    ),
    Column(
        key="enrol_note",
        title="纳管编号",
        width=18,
        help="选填。填了即视为已纳入监管 (own number; filling it in enrols)",
    ),
    Column(
        key="duty",
        title="反馈类型",
        width=12,
        choices=tuple(FED_BACK),
        help="监督检查或承诺核查;两项都要反馈的,复制本行再填 (copy the row to feed back on both)",
    ),
    Column(
        key="finding",
        title="反馈结果",
        width=12,
        choices=tuple(FINDINGS),
        help="符合、基本符合或不符合;也可填其他文字,不超过 100 字 (finding)",
    ),
    Column(key="note", title="反馈说明", width=30, help="选填 (note)"),
    Column(
        key="result_id",
        title="监管结果编号",
        width=20,
        help="选填。已用接口上报监管结果的,填其编号 (id of a result sent before)",
    ),
)
TOLD_BACK: Final = (
    Column(key="outcome", title="办理结果", width=12),
    Column(key="remarks", title="处理说明", width=100),
)
COLUMNS: Final = TOLD + FILLED + TOLD_BACK
TITLES: Final[Mapping[str, str]] = {column.key: column.title for column in COLUMNS}
KEYS: Final[Mapping[str, str]] = {column.title: column.key for column in COLUMNS}
