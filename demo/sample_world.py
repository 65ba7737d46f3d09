"""What the sample takes from files: catalogue, calendars, and what licences look like on paper."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

PREFIXES = {"450700": "钦", "450703": "钦北", "450721": "灵", "450722": "浦"}
"""The word for a region in document numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """An approving or supervising authority."""

    id: str
    name: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a licence for these items looks like on paper."""

    items: list[str]
    certificate: str
    document: str
    category: str
    mark: str
    number: str
    years: int
    weight: int
    holders: dict[str, list[str]]
    contents: list[str]
    project: bool = False
    city: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offence:
    """What a penalty in one field of supervision may be about."""

    field: str
    mark: str
    items: list[str]
    conduct: str
    fact: str
    basis: str
    kinds: list[str]
    fine: tuple[int, int]


class World:
    """The catalogue and the profiles, read once."""

    def __init__(self, catalogue: Path, profiles: Path) -> None:
        papers = _load(profiles)
        authorities = _load(catalogue / "authorities.yaml")["authorities"]
        self.numbers: dict[str, str] = papers["numbers"]
        self.licences = [Profile(**paper) for paper in papers["licences"]]
        self.industry = [Profile(**paper) for paper in papers["industry"]]
        self.off_catalogue = [Profile(**paper) for paper in papers["off_catalogue"]]
        self.offences = [Offence(**paper) for paper in papers["penalties"]]
        self.items = {item["code"]: item for item in _load(catalogue / "items.yaml")["items"]}
        self.approving = {
            entry["region"]: _authority(entry)
            for entry in authorities
            if entry["kind"] == "approving"
        }
        self._supervising = {
            (entry["field"], entry["region"]): _authority(entry)
            for entry in authorities
            if entry["kind"] == "supervising"
        }
        self._rules = {
            mapping["authority"]: mapping["rules"]
            for mapping in _load(catalogue / "mappings.yaml")["mappings"]
        }

    def allows_commitment(self, profile: Profile) -> bool:
        """Whether every item of the profile may be granted on a commitment (告知承诺)."""
        return all(self.items[code]["commitment"] for code in profile.items)

    def allows_tolerance(self, profile: Profile) -> bool:
        """Whether every item of the profile may be granted with materials missing (容缺)."""
        return all(self.items[code]["tolerance"] != "none" for code in profile.items)

    def supervisor(self, field: str, region: str) -> Authority:
        """The authority of a field in a region, or else in the city above it."""
        found = self._supervising.get((field, region))
        return found or self._supervising[field, region[:4] + "00"]

    def mapped(self, authority: str, certificate: str, document: str, content: str) -> list[str]:
        """The items that the authority's mapping finds for a row without codes; none: pooled."""
        columns = {"certificate": certificate, "document": document, "content": content}
        for rule in self._rules[authority]:
            if all(rule[name] in text for name, text in columns.items() if name in rule):
                items: list[str] = rule["items"]
                return items
        return []


class Days:
    """Working days (工作日) by the notices; a year without a notice has its weekdays."""

    def __init__(self, folder: Path, today: date) -> None:
        notices = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
        self._off = {day for notice in notices for day in notice["holidays"]}
        self._on = {day for notice in notices for day in notice["makeup_workdays"]}
        self.today = today
        before = (today - timedelta(days=n) for n in range(1, 30))
        self.recent = sorted([day for day in before if self.is_working(day)][:5])
        """The five working days before today, oldest first."""

    def is_working(self, day: date) -> bool:
        """Whether offices are open on that day."""
        friday = 4
        return str(day) in self._on or (day.weekday() <= friday and str(day) not in self._off)

    def ago(self, nearest: int, farthest: int) -> list[date]:
        """The working days so many days ago; in a long holiday, which has none, all days."""
        days = [self.today - timedelta(days=n) for n in range(nearest, farthest + 1)]
        return [day for day in days if self.is_working(day)] or days


def _authority(entry: dict[str, Any]) -> Authority:
    return Authority(id=entry["id"], name=entry["name"], region=entry["region"])


def _load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return document
