"""Made-up parties (行政相对人) with right check digits; none can be a real person or company.

Organisation codes begin with XM, which no registry issues; people were born 1900–1909, long before
resident ids; every name says 示例, 样本, 测试 or 虚构.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

UNKNOWN_CODE = "0" * 17 + "X"
"""What departments write when a party's code is unknown."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_MARKERS = ("示例", "样本", "测试", "虚构")
_BRANDS = tuple("荔桂钦灵浦江海山丰盛祥和顺达鑫源泰安康乐美佳兴旺福瑞华宏润晟")
_SURNAMES = tuple("黄韦陆覃梁李陈劳宁施苏谢邓刘张吴蒙农容利")
_GIVEN = tuple("一二三四五六七八九十甲乙丙丁戊己庚辛壬癸")
_TOWNS = ("武利", "檀圩", "佛子", "张黄", "寨圩", "小董", "大寺", "那蒙", "陆屋", "龙门")
_SPREAD = 48271  # prime: counts up, but does not look like it


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party; ``person_id`` is the natural person's own, or else the representative's."""

    kind: str
    label: str
    name: str
    code: str
    representative: str
    id_kind: str
    person_id: str


_KINDS = {
    # registering department and category (GB 32100), 行政相对人类别
    "company": ("91", "法人及非法人组织"),
    "individual": ("92", "个体工商户"),
    "cooperative": ("93", "法人及非法人组织"),
    "school": ("52", "法人及非法人组织"),
    "institution": ("12", "法人及非法人组织"),
    "village": ("N2", "法人及非法人组织"),
    "other": ("Y1", "法人及非法人组织"),
    "person": ("", "自然人"),
}


def organisation_check(first8: str) -> str:
    """Check character of a 组织机构代码 (GB 11714)."""
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(alphabet.index(c) * w for c, w in zip(first8, weights, strict=True))
    return "0123456789X"[(11 - total % 11) % 11]


def credit_check(first17: str) -> str:
    """Check character of a 统一社会信用代码 (GB 32100)."""
    total = sum(_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _ALPHABET[-total % 31]


def resident_check(first17: str) -> str:
    """Check character of a 公民身份号码 (GB 11643)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(first17, weights, strict=True))
    return "10X98765432"[total % 11]


def wrong_check(number: str) -> str:
    """The same number with another, wrong check character."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


class Parties:
    """Makes parties, and meets some of them again: one party often has several licences."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._known: dict[tuple[str, str, str], list[Party]] = {}
        self._organisations = 0
        self._people = 0

    def meet(self, kind: str, ending: str, region: str) -> Party:
        """A party of this kind in this region, whose name ends so: known already, or new."""
        known = self._known.setdefault((kind, ending, region), [])
        again = 0.05 if kind == "person" else 0.3
        if known and self._rng.random() < again:
            return self._rng.choice(known)
        known.append(self._person(region) if kind == "person" else self._make(kind, ending, region))
        return known[-1]

    def _make(self, kind: str, ending: str, region: str) -> Party:
        prefix, label = _KINDS[kind]
        shown = 0.6 if kind == "individual" else 0.15
        shows_id = self._rng.random() < shown
        return Party(
            kind=kind,
            label=label,
            name=self._name(kind, ending, region),
            code=self._code(prefix, region),
            representative=self._person_name(),
            id_kind="身份证" if shows_id else "",
            person_id=self._resident_id(region) if shows_id else "",
        )

    def _person(self, region: str) -> Party:
        is_resident = self._rng.random() < 0.96
        self._people += 1
        return Party(
            kind="person",
            label=_KINDS["person"][1],
            name=self._person_name(),
            code="",
            representative="",
            id_kind="身份证" if is_resident else "护照号",
            person_id=self._resident_id(region) if is_resident else f"XM{self._people:07d}",
        )

    def _name(self, kind: str, ending: str, region: str) -> str:
        marker = self._rng.choice(_MARKERS)
        brand = "".join(self._rng.choices(_BRANDS, k=2))
        place = {"450703": "钦北区", "450721": "灵山县", "450722": "浦北县"}.get(region, "钦州市")
        town = self._rng.choice(_TOWNS) + "镇"
        if kind == "village":
            return f"{place}{town}{marker}{brand}村{ending}"
        if kind in {"individual", "cooperative"}:
            return f"{place}{town}{marker}{brand}{ending}"
        return f"{place}{marker}{brand}{ending}"

    def _person_name(self) -> str:
        rng = self._rng
        return rng.choice(_SURNAMES) + rng.choice(_MARKERS) + rng.choice(_GIVEN)

    def _code(self, prefix: str, region: str) -> str:
        self._organisations += 1
        number = self._organisations * _SPREAD % 31**6
        digits = "".join(_ALPHABET[number // 31**place % 31] for place in range(6))
        organisation = "XM" + digits
        first17 = prefix + _district(region) + organisation + organisation_check(organisation)
        return first17 + credit_check(first17)

    def _resident_id(self, region: str) -> str:
        self._people += 1
        number = self._people * _SPREAD % (3650 * 999)
        born = date(1900, 1, 1) + timedelta(days=number % 3650)
        first17 = f"{_district(region)}{born:%Y%m%d}{number // 3650 + 1:03d}"
        return first17 + resident_check(first17)


def _district(region: str) -> str:
    """The county-level region that numbers are given in: the city's own seat is 钦南区."""
    return "450702" if region == "450700" else region
