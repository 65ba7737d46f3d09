"""Code lists (DOMAIN.md §1–§5): one enum each, values as they travel in events."""

from enum import StrEnum


class PartyKind(StrEnum):
    """行政相对人类别."""

    LEGAL_PERSON = "legal_person"
    UNINCORPORATED = "unincorporated"
    INDIVIDUAL_BUSINESS = "individual_business"
    NATURAL_PERSON = "natural_person"


class DecisionKind(StrEnum):
    """What was decided. Withdrawn 撤回, annulled 撤销, deregistered 注销 stay apart."""

    GRANTED = "granted"
    REFUSED = "refused"
    AMENDED = "amended"
    RENEWED = "renewed"
    WITHDRAWN = "withdrawn"
    ANNULLED = "annulled"
    DEREGISTERED = "deregistered"


class LicenceCategory(StrEnum):
    """许可类别."""

    ORDINARY = "普通"
    CONCESSION = "特许"
    RECOGNITION = "认可"
    APPROVAL = "核准"
    REGISTRATION = "登记"
    OTHER = "其他"


class Duty(StrEnum):
    """What a supervising authority owes for one kind of decision on one item."""

    NOTICE = "notice"
    RECEIPT = "receipt"
    ENROLMENT = "enrolment"
    INSPECTION = "inspection"
    COMMITMENT_CHECK = "commitment_check"


class ToleranceRegime(StrEnum):
    """容缺: the result only after the missing materials, or a temporary licence first."""

    NONE = "none"
    AFTER_SUPPLEMENT = "after_supplement"
    LICENCE_FIRST = "licence_first"


class ReceiptPolicy(StrEnum):
    """When a push counts as received: 襄阳 signs explicitly, 晋城 deems delivery to be receipt."""

    EXPLICIT = "explicit"
    DEEMED_ON_DELIVERY = "deemed_on_delivery"
    EXPLICIT_THEN_DEEMED = "explicit_then_deemed"


class AuthorityKind(StrEnum):
    """Which side of the loops an organisation stands on."""

    APPROVING = "approving"
    SUPERVISING = "supervising"
    OVERSIGHT = "oversight"


class Rule(StrEnum):
    """Rules of approval whose breach makes a licence irregular, never invisible (预警纠错)."""

    OFF_CATALOGUE = "off_catalogue"
    COMMITMENT_NOT_ALLOWED = "commitment_not_allowed"
    COMMITMENT_BARRED = "commitment_barred"
    TOLERANCE_NOT_ALLOWED = "tolerance_not_allowed"
    PUSHED_LATE = "pushed_late"
    TOLERANCE_BARRED = "tolerance_barred"
    TOLERANCE_TOO_LONG = "tolerance_too_long"
    DECIDED_AFTER_PROMISE = "decided_after_promise"
    DECIDED_AFTER_LEGAL_TERM = "decided_after_legal_term"
    VALIDITY_TOO_LONG = "validity_too_long"
    PARTY_LISTED = "party_listed"
    ELIGIBILITY_UNVERIFIED = "eligibility_unverified"
    LICENCE_BEFORE_SUPPLEMENT = "licence_before_supplement"


class Severity(StrEnum):
    """How grave a breach is held to be (轻微、一般、严重); who runs the system says so."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"


class FindingAnswerKind(StrEnum):
    """How a bureau answers a finding: corrected (已更正), or explained (说明理由)."""

    CORRECTION = "correction"
    EXPLANATION = "explanation"


class VerificationMethod(StrEnum):
    """How a commitment is verified: 书面核查, 网络核验, 实地调查, 公示核查."""

    WRITTEN = "written"
    ONLINE = "online"
    ON_SITE = "on_site"
    PUBLICITY = "publicity"

    @classmethod
    def of(cls, words: str) -> "VerificationMethod | None":
        """The code of what a clerk wrote; ``None`` where it is none of these, or several."""
        found = {code for word, code in _METHODS.items() if word in words}
        return found.pop() if len(found) == 1 else None


_METHODS = {
    **{code.value: code for code in VerificationMethod},
    "书面": VerificationMethod.WRITTEN,
    "网络": VerificationMethod.ONLINE,
    "网上": VerificationMethod.ONLINE,
    "线上": VerificationMethod.ONLINE,
    "实地": VerificationMethod.ON_SITE,
    "现场": VerificationMethod.ON_SITE,
    "公示": VerificationMethod.PUBLICITY,
}


class BreachSanction(StrEnum):
    """惩戒: 撤销决定, 移送处罚, 记入信用档案 (国办发〔2020〕42号)."""

    ANNULMENT = "annulment"
    PENALTY_REFERRAL = "penalty_referral"
    CREDIT_RECORD = "credit_record"


class Clock(StrEnum):
    """The deadlines on pushes, results that went back, gaps, findings, breaches and cases."""

    RECEIPT = "receipt"
    ENROLMENT = "enrolment"
    INSPECTION = "inspection"
    COMMITMENT_CHECK = "commitment_check"
    RESULT_RECEIPT = "result_receipt"
    ACTION_REPORT = "action_report"
    TOLERANCE_SUPPLEMENT = "tolerance_supplement"
    FINDING_ANSWER = "finding_answer"
    BREACH_HEARING = "breach_hearing"
    BREACH_FINDING = "breach_finding"
    BREACH_HANDLING = "breach_handling"
    BREACH_MENDING = "breach_mending"
    REPAIR_DECISION = "repair_decision"
    OBJECTION_ANSWER = "objection_answer"


class FactChange(StrEnum):
    """信用修复, 异议成立, 撤回: a fact counts no longer; 撤销修复: it counts again."""

    REPAIRED = "repaired"
    OVERTURNED = "overturned"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


class DeadlineCause(StrEnum):
    """Why a deadline is not what it was: 中止, 恢复, 延期, 重新计算."""

    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    RECOMPUTED = "recomputed"


class Channel(StrEnum):
    """How an entry of a feed reached its organisation."""

    PULL = "pull"
    SSE = "sse"
    WEBHOOK = "webhook"
    KAFKA = "kafka"


class InspectionOutcome(StrEnum):
    """检查结果: 符合 / 基本符合 / 不符合."""

    CONFORMS = "conforms"
    MOSTLY_CONFORMS = "mostly_conforms"
    FAILS = "fails"


class Treatment(StrEnum):
    """处理: 通过 / 限期整改 / 移交执法."""

    PASSED = "passed"
    RECTIFY = "rectify"
    ENFORCE = "enforce"


class RectificationOutcome(StrEnum):
    """整改: 合格 / 继续整改 / 移交执法."""

    QUALIFIED = "qualified"
    CONTINUE = "continue"
    ENFORCE = "enforce"


class PenaltyKind(StrEnum):
    """处罚类别, the fourteen codes of the 2021 law's 双公示 collection table."""

    WARNING = "01"
    FINE = "02"
    UNLAWFUL_GAINS_CONFISCATED = "03"
    BUSINESS_SUSPENDED = "04"
    LICENCE_REVOKED = "05"
    DETENTION = "06"
    OTHER = "07"
    PUBLIC_CRITICISM = "08"
    UNLAWFUL_PROPERTY_CONFISCATED = "09"
    QUALIFICATION_LOWERED = "10"
    LICENCE_SUSPENDED = "11"
    BUSINESS_RESTRICTED = "12"
    OCCUPATION_RESTRICTED = "13"
    CLOSURE_ORDERED = "14"


class RequestedAction(StrEnum):
    """What supervision asks of the approving authority (东营, 无锡新吴)."""

    RESTRICT = "restrict"
    FREEZE = "freeze"
    SUPPLEMENT = "supplement"
    CHANGE = "change"
    ANNUL = "annul"
    SUPPORT_REVOCATION = "support_revocation"
    DEREGISTER = "deregister"


class ActionOutcome(StrEnum):
    """What the approving authority did about a result."""

    NOTED = "noted"
    RESTRICTED = "restricted"
    FROZEN = "frozen"
    SUPPLEMENTED = "supplemented"
    CHANGED = "changed"
    ANNULLED = "annulled"
    REVOCATION_SUPPORTED = "revocation_supported"
    DEREGISTERED = "deregistered"
    BREACH_CONFIRMED = "breach_confirmed"
    BREACH_NOT_CONFIRMED = "breach_not_confirmed"


class RiskClass(StrEnum):
    """企业信用风险分类 (国市监信发〔2022〕6号): an internal supervision reference, never public."""

    LOW = "A"
    ORDINARY = "B"
    RAISED = "C"
    HIGH = "D"
