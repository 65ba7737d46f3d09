"""Penalties (行政处罚) of licensed parties, by the authorities that supervise them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from sample_columns import PENALTY_COLUMNS
from sample_licences import Row
from sample_names import UNKNOWN_CODE, wrong_check
from sample_plan import Special
from sample_world import PREFIXES, Authority, Days, Offence, World

_BROKEN = (
    Special("broken", "uscc_check_digit", "CF_XDR_SHXYM"),
    Special("broken", "document_number_missing", "CF_WSH"),
    Special("broken", "decision_in_future", "CF_JDRQ"),
)
_PARTY_COLUMNS = PENALTY_COLUMNS[:13]
_YEAR = timedelta(days=365)
_SEVERE = {"吊销许可证", "责令停产停业"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Licensed:
    """A licence that a penalty may refer to."""

    row: Row
    region: str
    offences: list[Offence]


def licensed(row: Row, world: World) -> Licensed | None:
    """The licence of a row, if an authority that supervises it may have a reason to penalise."""
    codes = str(row["ITEMS"]).replace("、", ";").split(";")
    offences = [offence for offence in world.offences if not set(codes).isdisjoint(offence.items)]
    if not offences or row["KIND"] or row["XK_XDR_SHXYM"] == UNKNOWN_CODE:
        return None
    region = next(r for r, a in world.approving.items() if a.id == row["XK_XKJGDM"])
    return Licensed(row=row, region=region, offences=offences)


class Penalties:
    """Makes penalties; each of another licence."""

    def __init__(self, rng: Random, world: World, days: Days) -> None:
        self._rng = rng
        self._world = world
        self._days = days
        self._numbers: Counter[tuple[str, str]] = Counter()

    def lines(
        self, licences: list[Licensed], count: int, broken: float
    ) -> Iterator[tuple[Row, Special]]:
        """So many rows; the last two are good and the same."""
        bad = min(len(_BROKEN), max(1, round(count * broken))) if broken else 0
        places = self._rng.sample(range(count - 2), bad)
        specials = dict(zip(places, _BROKEN, strict=False))
        organisations = [entry for entry in licences if entry.row["XK_XDR_SHXYM"]]
        row: Row = {}
        for place in range(count - 1):
            special = specials.get(place, Special("ordinary"))
            made = self._make(self._rng.choice(organisations if special.broken else licences))
            yield made | self._damage(special.broken, made), special
            row = made
        yield row, Special("duplicate")

    def _make(self, entry: Licensed) -> Row:
        offence = self._rng.choice(entry.offences)
        authority = self._world.supervisor(offence.field, entry.region)
        self._numbers[authority.region, offence.mark] += 1
        number = self._numbers[authority.region, offence.mark]
        decided = self._decided(entry)
        form = self._world.numbers["penalty"]
        place = PREFIXES[authority.region]
        return (
            {column: entry.row["XK" + column[2:]] for column in _PARTY_COLUMNS}
            | {
                "CF_WSH": form.format(
                    place=place, mark=offence.mark, year=decided.year, number=number
                )
            }
            | {"CF_WFXW": offence.conduct, "CF_SY": offence.fact, "CF_YJ": offence.basis}
            | self._content(offence, entry.row)
            | _terms(offence, decided)
            | _authority_columns(authority)
        )

    def _decided(self, entry: Licensed) -> date:
        granted = entry.row["XK_JDRQ"]
        days = [day for day in self._days.recent if not isinstance(granted, date) or day >= granted]
        return self._rng.choice(days)

    def _content(self, offence: Offence, licence: Row) -> Row:
        low, high = offence.fine
        fine = self._rng.randint(low // 100, high // 100) * 100 if "罚款" in offence.kinds else 0
        gains = self._rng.randint(2, 40) * 100 if "没收违法所得" in offence.kinds else 0
        amounts = {"罚款": f"{fine}元", "没收违法所得": f"{gains}元"}
        words = [kind + amounts.get(kind, "") for kind in offence.kinds]
        is_revoked = "吊销许可证" in offence.kinds
        return {
            "CF_CFLB": "、".join(offence.kinds),
            "CF_NR": "；".join(words),
            "CF_NR_FK": _ten_thousands(fine),
            "CF_NR_WFFF": _ten_thousands(gains),
            "CF_NR_ZKDX": f"{licence['XK_XKZS']} {licence['XK_XKBH']}" if is_revoked else "",
        }

    def _damage(self, reason: str, row: Row) -> Row:
        if reason == "uscc_check_digit":
            return {"CF_XDR_SHXYM": wrong_check(str(row["CF_XDR_SHXYM"]))}
        if reason == "document_number_missing":
            return {"CF_WSH": ""}
        if reason == "decision_in_future":
            return {"CF_JDRQ": self._days.today + timedelta(days=self._rng.randint(10, 40))}
        return {}


def _terms(offence: Offence, decided: date) -> Row:
    # NDRC Order 36: at most three months for a warning, one year in general, three if severe
    severe = not _SEVERE.isdisjoint(offence.kinds)
    only_warned = offence.kinds == ["警告"]
    term = 3 * _YEAR if severe else timedelta(days=90) if only_warned else _YEAR
    return {"CF_JDRQ": decided, "CF_YXQ": decided + term, "CF_GSJZQ": decided + term}


def _authority_columns(authority: Authority) -> Row:
    return {
        "CF_CFJG": authority.name,
        "CF_CFJGDM": authority.id,
        "CF_SJLY": authority.name,
        "CF_SJLYDM": authority.id,
        "BZ": "合成数据",
    }


def _ten_thousands(yuan: int) -> str:
    # the tables give 万元
    return f"{(Decimal(yuan) / 10000).normalize():f}" if yuan else ""
