"""The rows that make a sample worth importing: rare, awkward, irregular, broken."""

from collections.abc import Callable
from datetime import date, timedelta

from sample_licences import FOREVER, Licences, Row, Wish, years_later
from sample_names import UNKNOWN_CODE, wrong_check
from sample_plan import BREAKAGES, KINDS, Special

_BACK_DATED = ((50, 55), (62, 66), (75, 90))  # commitments are to be checked within two months
_MATERIALS = ("租赁合同", "场所平面图", "从业人员健康证明", "消防安全承诺书", "法人授权委托书")
_GROUNDS = {
    "withdrawn": "《行政许可法》第八条",
    "annulled": "《行政许可法》第六十九条",
    "deregistered": "《行政许可法》第七十条",
}
_ORGANISATIONS = ("company", "individual", "cooperative", "school", "institution", "village")


Maker = Callable[[], Row]


class Specials:
    """Makes each special row."""

    def __init__(self, licences: Licences) -> None:
        self._licences = licences
        self._rng = licences.rng
        self._world = licences.world
        self._windows = 0
        self._makers: dict[str, Maker] = {
            "back_dated": self._back_dated,
            "multi_item": lambda: self._licences.make(Wish(profiles=self._world.industry)),
            "tolerance": self._tolerance,
            "no_item_code": self._no_item_code,
            "off_catalogue": self._off_catalogue,
            "commitment_not_allowed": self._commitment_not_allowed,
            "unknown_party": self._unknown_party,
            "refused": self._refused,
        }

    def ordinary(self, *, with_industry: bool) -> Row:
        """A granted licence of one item (or of many, in a plain table); some carry a commitment."""
        world = self._world
        profiles = world.licences + world.industry if with_industry else world.licences
        row = self._licences.make(Wish(profiles=profiles))
        items = str(row["ITEMS"])
        if items in world.items and world.items[items]["commitment"]:
            row["COMMITMENT"] = self._rng.choice(("是", "否", ""))
        return row

    def make(self, special: Special) -> Row:
        """A special row that needs no other."""
        return self._broken(special) if special.broken else self._makers[special.name]()

    @staticmethod
    def refers_back(special: Special) -> bool:
        """Whether it is an act (变更, 延续, 撤回, 撤销, 注销) on a decision of an earlier row."""
        return special.name in KINDS and special.name != "refused"

    def _back_dated(self) -> Row:
        window = _BACK_DATED[self._windows % len(_BACK_DATED)]
        self._windows += 1
        profiles = [p for p in self._world.licences if self._world.allows_commitment(p)]
        decided = self._licences.days.ago(*window)
        return self._licences.make(Wish(profiles=profiles, decided=decided)) | {"COMMITMENT": "是"}

    def _no_item_code(self) -> Row:
        return self._licences.make(Wish(profiles=self._world.licences)) | {"ITEMS": ""}

    def _tolerance(self) -> Row:
        profiles = [p for p in self._world.licences if self._world.allows_tolerance(p)]
        missing = "、".join(self._rng.sample(_MATERIALS, self._rng.randint(1, 2)))
        tolerance = self._rng.choice(("是", missing))
        return self._licences.make(Wish(profiles=profiles)) | {"TOLERANCE": tolerance}

    def _commitment_not_allowed(self) -> Row:
        profiles = [p for p in self._world.licences if not self._world.allows_commitment(p)]
        return self._licences.make(Wish(profiles=profiles)) | {"COMMITMENT": "是"}

    def _off_catalogue(self) -> Row:
        return self._licences.make(Wish(profiles=self._world.off_catalogue))

    def _unknown_party(self) -> Row:
        wish = Wish(profiles=self._world.licences, holders=("company",))
        return self._licences.make(wish) | {"XK_XDR_SHXYM": UNKNOWN_CODE, "XK_XDR_ZZJG": ""}

    def _refused(self) -> Row:
        row = self._licences.make(Wish(profiles=self._world.licences))
        return row | {
            "XK_XKWS": "不予行政许可决定书",
            "XK_XKZS": "",
            "XK_XKBH": "",
            "XK_YXQZI": row["XK_YXQZ"],
            "XK_ZT": "2",
            "KIND": KINDS["refused"],
        }

    def act(self, special: Special, base: Row) -> Row:
        """The act on an earlier row's decision: the same number, a later date."""
        name = special.name
        decided = _date(base, "XK_JDRQ")
        days = self._licences.days
        acted = self._rng.choice([day for day in (*days.recent, days.today) if day > decided])
        case = f"{str(base['CASE'])[:6]}{acted:%Y%m%d}{str(base['CASE'])[14:]}"
        row = base | {"XK_JDRQ": acted, "KIND": KINDS[name], "CASE": case}
        if name == "amended":
            return row | {"XK_NR": f"变更经营场所；{base['XK_NR']}"}
        if name == "renewed":
            until = _date(base, "XK_YXQZI")
            is_forever = until == FOREVER
            return row | {"XK_YXQZI": FOREVER if is_forever else years_later(until, 3)}
        region = next(r for r, a in self._world.approving.items() if a.id == base["XK_XKJGDM"])
        number = self._licences.document_number(region, KINDS[name], acted.year)
        remark = f"合成数据；{KINDS[name]}决定书{number}；依据{_GROUNDS[name]}"
        return row | {"XK_ZT": "2", "BZ": remark}

    def _broken(self, special: Special) -> Row:
        wanted_id = "身份证" if special.broken == "resident_id_check_digit" else ""
        holders = ("person",) if wanted_id else _ORGANISATIONS
        wish = Wish(profiles=self._world.licences, holders=holders)
        row = self._licences.make(wish)
        while row["XK_XDR_ZJLX"] != wanted_id:
            row = self._licences.make(wish)
        return row | self._damage(special.broken, row)

    def _damage(self, reason: str, row: Row) -> Row:
        if reason in {"uscc_check_digit", "resident_id_check_digit"}:
            column = dict(BREAKAGES)[reason]
            return {column: wrong_check(str(row[column]))}
        ahead = self._licences.days.today + timedelta(days=self._rng.randint(10, 40))
        damages: dict[str, Row] = {
            "validity_reversed": {"XK_YXQZI": _date(row, "XK_YXQZ") - timedelta(days=30)},
            "decision_in_future": {"XK_JDRQ": ahead, "XK_YXQZ": ahead, "XK_YXQZI": FOREVER},
            "document_number_missing": {"XK_WSH": "", "XK_XKBH": ""},
            "party_name_missing": {"XK_XDR_MC": ""},
        }
        return damages[reason]


def may_be_referred_to(row: Row) -> bool:
    """Whether a later row may repeat or act on this one: nothing else is going on with it."""
    return row["COMMITMENT"] != "是" and row["XK_XDR_LB"] != "自然人"


def _date(row: Row, column: str) -> date:
    value = row[column]
    if not isinstance(value, date):
        raise TypeError(column)
    return value
