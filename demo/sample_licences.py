"""One licence as a row, field code -> text or date; clean: sample_files.py makes it untidy."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sample_names import Parties, Party
from sample_world import PREFIXES, Authority, Days, Profile, World

FOREVER = date(2099, 12, 31)
"""长期, as the standard writes it."""

_SHARES = {"450721": 35, "450722": 25, "450703": 20, "450700": 20}
_RECENT = (1, 1, 2, 4, 4)  # most decisions are exported within two working days

Cell = str | date
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a row must be; what is left out is up to chance."""

    profiles: list[Profile]
    holders: tuple[str, ...] = ()
    decided: list[date] = field(default_factory=list)


class Licences:
    """Makes licences that differ in number, party, place and date."""

    def __init__(self, rng: Random, world: World, days: Days) -> None:
        self.rng = rng
        self.world = world
        self.days = days
        self._parties = Parties(rng)
        self._documents: Counter[tuple[str, str]] = Counter()
        self._serial = 0

    def make(self, wish: Wish) -> Row:
        """A granted licence without commitment or tolerance, with its item codes."""
        profile = self._profile(wish)
        region = "450700" if profile.city else self._region()
        authority = self.world.approving[region]
        decided = self.rng.choice(wish.decided) if wish.decided else self._recently()
        party = self._party(profile, wish.holders, region)
        self._serial += 1
        return (
            _party_columns(party)
            | self._document_columns(profile, region, decided, party)
            | _authority_columns(authority)
            | {
                "BZ": "合成数据",
                "ITEMS": self.rng.choice(("、", ";")).join(profile.items),
                "COMMITMENT": self.rng.choice(("否", "")),
                "TOLERANCE": self.rng.choice(("否", "")),
                "CASE": f"{region}{decided:%Y%m%d}{self._serial:06d}",
                "PROJECT": self._project(region, decided) if profile.project else "",
                "KIND": "",
            }
        )

    def document_number(self, region: str, mark: str, year: int) -> str:
        """The next number of this kind of document in this place."""
        self._documents[region, mark] += 1
        number = self._documents[region, mark]
        form = self.world.numbers["licence"]
        return form.format(place=PREFIXES[region], mark=mark, year=year, number=number)

    def _profile(self, wish: Wish) -> Profile:
        suitable = [
            profile
            for profile in wish.profiles
            if not wish.holders or any(kind in profile.holders for kind in wish.holders)
        ]
        return self.rng.choices(suitable, [profile.weight for profile in suitable])[0]

    def _region(self) -> str:
        return self.rng.choices(list(_SHARES), list(_SHARES.values()))[0]

    def _recently(self) -> date:
        return self.rng.choices(self.days.recent, _RECENT)[0]

    def _party(self, profile: Profile, holders: tuple[str, ...], region: str) -> Party:
        kinds = [kind for kind in profile.holders if not holders or kind in holders]
        kind = self.rng.choice(kinds)
        return self._parties.meet(kind, self.rng.choice(profile.holders[kind]), region)

    def _project(self, region: str, decided: date) -> str:
        month = f"{decided.year % 100:02d}{self.rng.randint(1, decided.month):02d}"
        return f"{month}-{region}-04-0{self.rng.randint(1, 5)}-{self.rng.randint(100000, 999999)}"

    def _document_columns(self, profile: Profile, region: str, decided: date, party: Party) -> Row:
        number = profile.number.format(
            region=region, year=decided.year, serial=self._serial, uscc=party.code, kind="P"
        )
        return {
            "XK_XKWS": profile.document,
            "XK_WSH": self.document_number(region, profile.mark, decided.year),
            "XK_XKLB": profile.category,
            "XK_XKZS": profile.certificate,
            "XK_XKBH": number,
            "XK_NR": self.rng.choice(profile.contents),
            "XK_JDRQ": decided,
            "XK_YXQZ": decided,
            "XK_YXQZI": years_later(decided, profile.years) if profile.years else FOREVER,
        }


def years_later(day: date, years: int) -> date:
    """The last day of a term of so many years that begins on a day."""
    return date(day.year + years, day.month, min(day.day, 28)) - timedelta(days=1)


def _party_columns(party: Party) -> Row:
    is_person = party.kind == "person"
    return {
        "XK_XDR_MC": party.name,
        "XK_XDR_LB": party.label,
        "XK_XDR_SHXYM": party.code,
        "XK_XDR_GSZC": "",
        "XK_XDR_ZZJG": party.code[8:17],
        "XK_XDR_SWDJ": "",
        "XK_XDR_SYDW": "",
        "XK_XDR_SHZZ": "",
        "XK_FRDB": party.representative,
        "XK_FR_ZJLX": "" if is_person else party.id_kind,
        "XK_FR_ZJHM": "" if is_person else party.person_id,
        "XK_XDR_ZJLX": party.id_kind if is_person else "",
        "XK_XDR_ZJHM": party.person_id if is_person else "",
    }


def _authority_columns(authority: Authority) -> Row:
    return {
        "XK_XKJG": authority.name,
        "XK_XKJGDM": authority.id,
        "XK_ZT": "1",
        "XK_LYDW": authority.name,
        "XK_LYDWDM": authority.id,
    }
