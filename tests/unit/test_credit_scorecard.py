"""Scorecards: the sample is sound, and mistakes are explained by line."""

import re
from pathlib import Path

import pytest
import yaml

from credit.domain.scorecard import Scorecard
from linkage_contracts.codes import PenaltyKind, RiskClass
from linkage_runtime.yaml_files import YamlFileError, read_yaml
from tests.unit.credit_builders import SAMPLE

GOOD = SAMPLE.read_text(encoding="utf-8")


def test_the_sample_says_in_its_head_that_its_points_are_an_example() -> None:
    head = GOOD.partition("version:")[0]
    assert "示例" in head
    assert "credit office" in head
    assert "内部" in head or "internal" in head


def test_the_sample_divides_points_into_all_four_classes() -> None:
    card = read_yaml(SAMPLE, Scorecard)
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
    sources = [criterion.source for criterion in read_yaml(SAMPLE, Scorecard).criteria]
    assert all(any(text in source for text in known) for source in sources if source)


def test_every_kind_of_penalty_is_graded_once() -> None:
    grades = read_yaml(SAMPLE, Scorecard).penalty_grades
    assert not set(grades.serious.kinds) & set(grades.ordinary.kinds)
    graded = {*grades.serious.kinds, *grades.ordinary.kinds}
    assert {*PenaltyKind} - graded == {
        PenaltyKind.WARNING,
        PenaltyKind.FINE,
        PenaltyKind.OTHER,
        PenaltyKind.PUBLIC_CRITICISM,
    }


MISTAKES = {
    "a cap of the other sign": ("cap: 32", "cap: -32", "cap: 须与 points 同号", "inspection_fails"),
    "a cap below one fact": ("cap: 32", "cap: 7", "same sign, not smaller", "inspection_fails"),
    "points of nothing": ("points: 8", "points: 0", "no zero", "inspection_fails"),
    "an unknown fact": ("[inspection_fails]", "[inspection_failed]", "代码表", "inspection_failed"),
    "a fact without points": ("[inspection_fails]", "[facts_repaired]", "不能计分", "code"),
    "an unknown field": ("    cap: 32", "    capp: 32", "没有此字段", "capp"),
    "no validity": ("validity_days: 1095\n    decay: linear", "decay: linear", "必填", "breach"),
    "a seriousness of inspections": (
        "facts: [inspection_fails]",
        "facts: [inspection_fails]\n    seriousness: minor",
        "only penalties",
        "inspection_fails",
    ),
    "steps without decay": (
        "    decay: steps\n    steps:\n      - {after_days: 180, percent: 50}",
        "    steps:\n      - {after_days: 180, percent: 50}",
        "if, and only if",
        "rectification_incomplete",
    ),
    "steps after the end": ("after_days: 180", "after_days: 400", "validity ends", "rectif"),
    "steps that rise": ("after_days: 730, percent: 50", "after_days: 730, percent: 80", "递减", ""),
    "a class left out": ("  - {risk_class: C, at_most: 49}\n", "", "A, B, C, D", ""),
    "bands out of order": ("at_most: 19", "at_most: 90", "limits must rise", ""),
    "a band without limit": ("C, at_most: 49", "C", "limits must rise", ""),
    "a code twice": ("code: rectified", "code: inspection_fails", "appears twice", ""),
    "a foreign version": ("general-2026.1", "food-2026.1", "general-", ""),
    "a version without number": ("general-2026.1", "general", "/version", "version: general"),
    "a key twice": ("    cap: 32", "    cap: 32\n    cap: 33", "重复的键", "cap: 33"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained_with_its_line(mistake: str, tmp_path: Path) -> None:
    good, bad, says, at = MISTAKES[mistake]
    assert good in GOOD
    path = tmp_path / "card.yaml"
    path.write_text(GOOD.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(YamlFileError) as error:
        read_yaml(path, Scorecard)
    (told,) = [told for told in str(error.value).splitlines() if says in told]
    line = re.search(r"line (\d+)", told)
    assert line is not None
    lines = path.read_text(encoding="utf-8").splitlines()
    assert at in lines[int(line[1]) - 1]


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(GOOD.replace("cap: 32", "cap: x").replace("cap: 18", "cap: y"), "utf-8")
    with pytest.raises(YamlFileError) as error:
        read_yaml(path, Scorecard)
    assert len(str(error.value).splitlines()) == 2


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(YamlFileError, match=r"none\.yaml"):
        read_yaml(tmp_path / "none.yaml", Scorecard)


@pytest.mark.parametrize("text", ["criteria: [", "", "just words"])
def test_what_is_no_scorecard_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(YamlFileError, match=r"card\.yaml"):
        read_yaml(path, Scorecard)


def test_the_sample_is_read_as_it_is_written() -> None:
    written = yaml.safe_load(GOOD)
    read = read_yaml(SAMPLE, Scorecard)
    assert [criterion.code for criterion in read.criteria] == [
        criterion["code"] for criterion in written["criteria"]
    ]
