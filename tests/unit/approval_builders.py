"""Values that the tests of the approving side are built from."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from approval_events.application.answers import Emitter, Row
from approval_events.domain.irregularity import Yardstick
from approval_events.domain.rule_book import RuleBook
from approval_events.domain.submission import Submission
from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import AuthorityKind, DecisionKind, Duty
from linkage_runtime.working_days import WorkCalendar
from linkage_runtime.yaml_files import read_yaml

BUREAU = "11450721XN0721012K"
OTHER_BUREAU = "11450722XN0722015J"
SUPERVISOR = "11450721XN0721119Y"
OVERSIGHT = "11450700XN07000270"
PARTY_CODE = "91350100M000100Y43"
RESIDENT_ID = "11010519491231002X"
FOOD, REGISTRATION = "000131902000", "000131001000"
TODAY = date(2026, 11, 23)
"""A Monday."""
NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
CALENDAR = WorkCalendar(
    years=frozenset({2025, 2026}), holidays=frozenset(), makeup_workdays=frozenset()
)
RULES = read_yaml(Path(__file__).resolve().parents[2] / "deploy/rules/approvals.yaml", RuleBook)
"""As they are deployed."""
YARDSTICK = Yardstick(rules=RULES, calendar=CALENDAR)
EMITTER = Emitter(organisation=BUREAU, authorities=frozenset({BUREAU}))


def full_width(text: str) -> str:
    """ASCII as some input methods type it."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


def catalogue(**changes: Any) -> Catalogue:
    """A catalogue of two bureaus, one supervisor, two items."""
    authorities = [
        {"id": BUREAU, "name": "灵山县行政审批局", "kind": "approving", "region": "450721"},
        {"id": OTHER_BUREAU, "name": "浦北县行政审批局", "kind": "approving", "region": "450722"},
        {"id": OVERSIGHT, "name": "营商环境办公室", "kind": "oversight", "region": "450700"},
        {
            "id": SUPERVISOR,
            "name": "灵山县市场监督管理局",
            "kind": AuthorityKind.SUPERVISING,
            "region": "450721",
            "field": "market-regulation",
        },
    ]
    common = {"group": "food", "legal_days": 20, "promised_days": 5}
    supervised = [{"field": "market-regulation", "owes": [Duty.RECEIPT]}]
    items = [
        {
            **common,
            "code": FOOD,
            "name": "食品经营许可",
            "commitment": True,
            "supervised_by": supervised,
        },
        {
            **common,
            "code": REGISTRATION,
            "name": "个体工商户设立登记",
            "tolerance": "licence_first",
            "supervised_by": supervised,
        },
    ]
    rules = [{"certificate": "食品经营许可证", "items": [FOOD]}]
    content = {
        "authorities": authorities,
        "items": items,
        "owes_by_kind": {DecisionKind.REFUSED: [Duty.NOTICE]},
        "mappings": [{"authority": BUREAU, "rules": rules}],
    }
    return Catalogue.model_validate(content | changes)


def sent(**changes: Any) -> dict[str, Any]:
    """A decision as a department sends it."""
    return {
        "kind": "granted",
        "authority": BUREAU,
        "document_number": "灵审批〔2026〕1号",
        "document_title": "食品经营许可决定书",
        "licence_number": "JY24507210000001",
        "certificate_name": "食品经营许可证",
        "category": "普通",
        "content": "餐饮服务",
        "decided_on": "2026-11-20",
        "valid_from": "2026-11-20",
        "valid_until": "2031-11-19",
        "party": {"kind": "legal_person", "name": "灵山某某有限公司", "code": PARTY_CODE},
        "items": [FOOD],
    } | changes


PERSON = {
    "kind": "natural_person",
    "name": "李四海",
    "id_type": "身份证",
    "id_number": RESIDENT_ID,
}


def submission(**changes: Any) -> Submission:
    """The same, read."""
    return Submission.model_validate(sent(**changes))


def row(number: int = 0, **changes: Any) -> Row:
    """The same, as a row of a request."""
    return Row(number=number, submission=submission(**changes))
