"""Scorecards: the sample is sound, and mistakes are explained by line."""

import asyncio
import json
import re
import shutil
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import yaml

from credit.adapters.mongo_facts import MongoFacts
from credit.adapters.scorecard_files import read_scorecard, read_scorecards
from credit.domain.facts import FactKind, Sanction
from credit.domain.review import division_warnings, warnings_of
from credit.domain.scorecard import Scorecard
from credit.entrypoints.scorecards import check, main, schema
from linkage_contracts.codes import PartyKind, PenaltyKind, RiskClass
from linkage_runtime.mongo import connect, database
from linkage_runtime.yaml_files import YamlFileError
from tests.unit.credit_builders import PARTY, SAMPLE, TODAY, a_fact

GOOD = SAMPLE.read_text(encoding="utf-8")


def test_the_sample_says_in_its_head_that_its_points_are_an_example() -> None:
    head = GOOD.partition("version:")[0]
    assert "示例" in head
    assert "credit office" in head
    assert "内部" in head or "internal" in head


def test_the_sample_divides_points_into_all_four_classes() -> None:
    card = read_scorecard(SAMPLE)
    assert [card.band_of(points) for points in (-5, -4, 19, 20, 49, 50)] == [
        RiskClass.LOW,
        RiskClass.ORDINARY,
        RiskClass.ORDINARY,
        RiskClass.RAISED,
        RiskClass.RAISED,
        RiskClass.HIGH,
    ]


def test_the_sample_cites_only_texts_that_the_domain_notes_know() -> None:
    known = ("信用修复管理办法", "国办发〔2020〕42号")
    sources = [criterion.source for criterion in read_scorecard(SAMPLE).criteria]
    assert all(any(text in source for text in known) for source in sources if source)


def test_every_kind_of_penalty_is_graded_once() -> None:
    grades = read_scorecard(SAMPLE).penalty_grades
    assert not set(grades.serious.kinds) & set(grades.ordinary.kinds)
    graded = {*grades.serious.kinds, *grades.ordinary.kinds}
    assert {*PenaltyKind} - graded == {
        PenaltyKind.WARNING,
        PenaltyKind.FINE,
        PenaltyKind.OTHER,
        PenaltyKind.PUBLIC_CRITICISM,
    }


MISTAKES = {
    "a cap of the other sign": ("cap: 32", "cap: -32", "cap: 须与 points 同号", "cap: -32"),
    "a cap below one fact": ("cap: 32", "cap: 7", "same sign, not smaller", "cap: 7"),
    "points of nothing": ("points: 8", "points: 0", "no zero", "cap: 32"),
    "an unknown fact": ("[inspection_fails]", "[inspection_failed]", "代码表", "inspection_failed"),
    "a fact without points": (
        "[inspection_fails]",
        "[facts_repaired]",
        "不能计分",
        "facts: [facts_repaired]",
    ),
    "an unknown field": ("    cap: 32", "    capp: 32", "没有此字段", "capp"),
    "no validity": ("validity_days: 1095\n    decay: linear", "decay: linear", "必填", "breach"),
    "a seriousness of inspections": (
        "facts: [inspection_fails]",
        "facts: [inspection_fails]\n    seriousness: minor",
        "only penalties",
        "seriousness: minor",
    ),
    "steps without decay": (
        "    decay: steps\n    steps:\n      - {after_days: 180, percent: 50}",
        "    steps:\n      - {after_days: 180, percent: 50}",
        "if, and only if",
        "    steps:",
    ),
    "steps after the end": ("after_days: 180", "after_days: 400", "validity ends", "    steps:"),
    "steps that rise": ("after_days: 730, percent: 50", "after_days: 730, percent: 80", "递减", ""),
    "a class left out": ("  - {risk_class: C, at_most: 49}\n", "", "A, B, C, D", ""),
    "bands out of order": ("at_most: 19", "at_most: 90", "limits must rise", ""),
    "a band without limit": ("C, at_most: 49", "C", "limits must rise", ""),
    "a code twice": ("code: rectified", "code: inspection_fails", "appears twice", ""),
    "a foreign version": ("general-2026.1", "food-2026.1", "general-", ""),
    "a version without number": ("general-2026.1", "general", "/version", "version: general"),
    "an unknown state": ("state: published", "state: ready", "代码表", "state: ready"),
    "an unknown list": ("[industry_black]", "[industry_grey]", "no such list", "industry_grey"),
    "a list of inspections": (
        "facts: [inspection_fails]",
        "facts: [inspection_fails]\n    lists: [industry_black]",
        "only entries of lists",
        "lists: [industry_black]",
    ),
    "a natural person": (
        "facts: [inspection_fails]",
        "facts: [inspection_fails]\n    party_kinds: [natural_person]",
        "never rated",
        "party_kinds",
    ),
    "a band out of reach": ("A, at_most: -5", "A, at_most: -21", "no rule lead there", "bands:"),
    "a class of good facts": (
        "  listed: serious",
        "  licence_granted: serious",
        "not repairable",
        "information_classes",
    ),
    "a broken promise that lowers the risk": (
        "points: 30\n    cap: 60",
        "points: -30\n    cap: -60",
        "wrong sign",
        "points: -30",
    ),
    "a passed inspection that raises it": (
        "points: -3\n    cap: -9",
        "points: 3\n    cap: 9",
        "wrong sign",
        "points: 3",
    ),
    "yes for points": ("points: 8", "points: yes", "valid integer", "points: yes"),
    "another spelling of a number": ("general-2026.1", "general-2026.01", "/version", "2026.01"),
    "digits of another width": ("general-2026.1", "general-20\uff12\uff16.1", "/version", ""),
    "a serious fine below an ordinary one": (
        "fine_at_least: 1000000",
        "fine_at_least: 10000",
        "must be the higher",
        "penalty_grades:",
    ),
    "a kind of penalty graded twice": ('["03", ', '["05", ', "both serious and ordinary", ""),
    "a key twice": ("    cap: 32", "    cap: 32\n    cap: 33", "重复的键", "cap: 33"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained_with_its_line(mistake: str, tmp_path: Path) -> None:
    good, bad, says, at = MISTAKES[mistake]
    assert good in GOOD
    path = tmp_path / "card.yaml"
    path.write_text(GOOD.replace(good, bad, 1), encoding="utf-8")
    shutil.copytree(SAMPLE.parent / "lists", tmp_path / "lists")
    with pytest.raises(YamlFileError) as error:
        read_scorecard(path)
    (told,) = [told for told in str(error.value).splitlines() if says in told]
    place = re.search(r"line (\d+), column (\d+)", told)
    assert place is not None
    line = path.read_text(encoding="utf-8").splitlines()[int(place[1]) - 1]
    assert at in line
    assert line[int(place[2]) - 1 :].strip() == line[int(place[2]) - 1 :]


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(GOOD.replace("cap: 32", "cap: x").replace("cap: 18", "cap: y"), "utf-8")
    with pytest.raises(YamlFileError) as error:
        read_scorecard(path)
    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(YamlFileError, match=r"none\.yaml"):
        read_scorecard(tmp_path / "none.yaml")


@pytest.mark.parametrize("text", ["criteria: [", "", "just words"])
def test_what_is_no_scorecard_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(YamlFileError, match=r"card\.yaml"):
        read_scorecard(path)


def test_the_sample_is_read_as_it_is_written() -> None:
    written = yaml.safe_load(GOOD)
    read = read_scorecard(SAMPLE)
    assert [criterion.code for criterion in read.criteria] == [
        criterion["code"] for criterion in written["criteria"]
    ]


def folder_of(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_samples_have_one_published_scorecard_for_each_domain() -> None:
    cards = read_scorecards(SAMPLE.parent)
    assert set(cards.published) == {"general", "construction-bidding", "intermediaries", "food"}
    assert cards.general == read_scorecard(SAMPLE)


def test_every_sample_says_in_its_head_that_its_numbers_are_assumed() -> None:
    for path in SAMPLE.parent.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert "SAMPLE" in text.partition("version:")[0], path
        assert "示例" in read_scorecard(path).title


NEXT = GOOD.replace("version: general-2026.1", "version: general-2026.2")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"one": GOOD, "two": NEXT}, "general-2026.1, general-2026.2"),
        ({"one": GOOD.replace("state: published", "state: draft")}, "现有 0 个"),
        ({"one": GOOD, "two": GOOD.replace("state: published", "state: retired")}, "twice"),
        ({}, "general"),
    ],
    ids=["two published", "none published", "a version twice", "no file"],
)
def test_a_domain_without_exactly_one_published_version_is_refused(
    files: dict[str, str], says: str, tmp_path: Path
) -> None:
    with pytest.raises(YamlFileError, match=says):
        read_scorecards(folder_of(tmp_path, **files))


def test_drafts_and_retired_versions_may_stand_beside_the_published_one(tmp_path: Path) -> None:
    later = GOOD.replace("general-2026.1", "general-2026.3")
    retired = GOOD.replace("state: published", "state: retired")
    draft = later.replace("state: published", "state: draft")
    cards = read_scorecards(folder_of(tmp_path, one=retired, two=NEXT, three=draft))
    assert [card.version for card in cards.cards] == [
        "general-2026.1",
        "general-2026.2",
        "general-2026.3",
    ]
    assert cards.general.version == "general-2026.2"


def test_a_version_older_than_a_retired_one_is_refused(tmp_path: Path) -> None:
    retired = NEXT.replace("state: published", "state: retired")
    with pytest.raises(YamlFileError, match=r"不得早于已停用的 general-2026\.2"):
        read_scorecards(folder_of(tmp_path, one=GOOD, two=retired))


def test_the_committed_json_schema_is_the_models_own() -> None:
    committed = (SAMPLE.parent / "scorecard.schema.json").read_text(encoding="utf-8")
    assert committed == schema(), "run python -m credit.entrypoints.scorecards schema"


def test_every_sample_fits_the_json_schema() -> None:
    document = json.loads(schema())
    for path in SAMPLE.parent.glob("*.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), document)


ODD = {
    "everybody is a risk": (
        "A, at_most: -5}\n  - {risk_class: B, at_most: 19",
        "A, at_most: -9}\n  - {risk_class: B, at_most: -2",
        "would be C",
    ),
    "everybody is good": ("A, at_most: -5", "A, at_most: 0", "would be A"),
    "once is enough": (
        "points: 40\n    cap: 80",
        "points: 60\n    cap: 80",
        "say so by a hard rule",
    ),
}


@pytest.mark.parametrize("odd", ODD)
def test_a_scorecard_that_divides_badly_is_warned_of(odd: str, tmp_path: Path) -> None:
    good, bad, says = ODD[odd]
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    card = read_scorecard(folder_of(tmp_path, card=text) / "card.yaml")
    assert any(says in warning for warning in warnings_of(card))
    assert not any(says in warning for warning in warnings_of(read_scorecard(SAMPLE)))


def test_a_fact_without_a_class_for_its_repair_is_warned_of(tmp_path: Path) -> None:
    def unclassed(text: str) -> list[str]:
        card = read_scorecard(folder_of(tmp_path, card=text) / "card.yaml")
        return [one for one in warnings_of(card) if one.startswith("information_classes")]

    before = unclassed(GOOD)
    assert any("breach_confirmed" in warning for warning in before)
    assert not any("penalty_imposed" in warning or "licence" in warning for warning in before)
    named = GOOD.replace(
        "information_classes:", "information_classes:\n  breach_confirmed: minor", 1
    )
    assert named != GOOD
    assert len(unclassed(named)) == len(before) - 1


def test_a_division_that_puts_almost_everybody_in_one_class_is_warned_of() -> None:
    a, b, c, d = RiskClass
    assert division_warnings({a: 30, b: 50, c: 10, d: 10}) == ()
    assert "tells nobody apart" in division_warnings({a: 1, b: 99, c: 0, d: 0})[0]
    assert "visit" in division_warnings({a: 0, b: 60, c: 10, d: 30})[0]
    assert division_warnings({})


def test_the_command_tells_all_and_fails_if_one_file_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = folder_of(tmp_path, bad=GOOD.replace("cap: 32", "cap: x")) / "bad.yaml"
    assert check([SAMPLE])
    assert not check([bad, SAMPLE])
    said = capsys.readouterr().out
    assert "✗" in said
    assert said.count("✓") == 2


async def test_a_draft_is_tried_over_the_stored_facts(
    mongo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = connect(mongo)
    stored = MongoFacts(database(client, "credit")["facts"])
    revoked = Sanction(kinds=(PenaltyKind.LICENCE_REVOKED,), fine=Decimal(0))
    penalty = a_fact(FactKind.PENALTY_IMPOSED, "tried", sanction=revoked)
    await stored.add([penalty, replace(a_fact(FactKind.LICENCE_GRANTED, "other"), party="other")])
    client.close()
    text = NEXT.replace("state: published", "state: draft").replace("at_most: 49", "at_most: 30")
    draft = folder_of(tmp_path, draft=text) / "draft.yaml"
    monkeypatch.setenv("LINKAGE_MONGO", mongo)
    arguments = ["x", "try", str(draft), "--scorecards", str(SAMPLE.parent), "--on", str(TODAY)]
    monkeypatch.setattr(sys, "argv", arguments)
    assert await asyncio.to_thread(main) == 0
    said = capsys.readouterr().out
    assert "general-2026.1 → general-2026.2: 2 个主体" in said
    assert f"{PARTY} 灵山县示例餐饮有限公司: C → D, 40 → 40" in said


def test_a_line_may_be_for_one_kind_of_party_alone() -> None:
    line = next(c for c in food().criteria if c.code == "inspection_fails_sole_trader")
    assert line.is_for(PartyKind.INDIVIDUAL_BUSINESS)
    assert not line.is_for(PartyKind.LEGAL_PERSON)
    assert not line.is_for(None)


def food() -> Scorecard:
    return read_scorecards(SAMPLE.parent).published["food"]
