"""The deployed rules of approval: sound, described by their schema, mistakes told by line."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from approval_events.domain.rule_book import RuleBook
from approval_events.entrypoints.rules_schema import schema
from linkage_contracts.codes import Rule
from linkage_runtime.yaml_files import YamlFileError, read_yaml

FOLDER = Path(__file__).resolve().parents[2] / "deploy/rules"
GOOD = (FOLDER / "approvals.yaml").read_text(encoding="utf-8")


def test_every_rule_stands_in_the_deployed_book_and_says_its_ground() -> None:
    book = read_yaml(FOLDER / "approvals.yaml", RuleBook)
    assert {entry.rule for entry in book.rules} == set(Rule)
    assert [str(entry.rule) for entry in book.rules if not entry.enabled] == ["party_listed"]
    assert not book.looks_at_lists()


def test_the_schema_beside_it_is_the_one_that_the_program_reads_by() -> None:
    beside = (FOLDER / "approvals.schema.json").read_text(encoding="utf-8")
    told = "python -m approval_events.entrypoints.rules_schema > deploy/rules/approvals.schema.json"
    assert beside == schema(), told
    jsonschema.Draft202012Validator(json.loads(beside)).validate(yaml.safe_load(GOOD))


MISTAKES = {
    "an unknown field": (
        "    less_than_promise: 2",
        "    less_than: 2",
        "/less_than:",
        "less_than",
    ),
    "a missing parameter": (
        "    within_working_days: 2\n",
        "",
        "/within_working_days",
        "rule: pushed_late",
    ),
    "a parameter of another rule": (
        "    at_most_working_days: 20",
        "    at_most_working_days: 20\n    classes: [D]",
        "/classes",
        "classes: [D]",
    ),
    "an unknown rule": ("rule: validity_too_long", "rule: too_long", "/rules/10", "too_long"),
    "not a number": ("    less_than_promise: 2", "    less_than_promise: x", "/less_than", "x"),
    "a region that is none": (
        "    within_working_days: 2",
        "    within_working_days: 2\n    regions: [钦州]",
        "行政区划",
        "rule: pushed_late",
    ),
    "a rule twice": ("rule: tolerance_barred", "rule: off_catalogue", "重复", "rules:"),
    "a version without number": ("approvals-2026.2", "approvals", "/version", "version: approvals"),
    "a key twice": (
        "    enabled: false",
        "    enabled: false\n    enabled: true",
        "重复的键",
        "true",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_explained_with_its_line_and_in_both_languages(
    mistake: str, tmp_path: Path
) -> None:
    good, bad, says, at = MISTAKES[mistake]
    assert good in GOOD
    path = tmp_path / "approvals.yaml"
    path.write_text(GOOD.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(YamlFileError) as error:
        read_yaml(path, RuleBook)
    (told,) = [told for told in str(error.value).splitlines() if says in told]
    line = re.search(r"line (\d+)", told)
    assert line is not None
    assert at in path.read_text(encoding="utf-8").splitlines()[int(line[1]) - 1]
    assert re.search(r"[\u4e00-\u9fff].*[a-z]", told)
