"""Scorecards and lists from YAML files; see ``linkage_runtime.yaml_files``."""

from collections.abc import Iterator
from pathlib import Path

from credit.domain.bars import BarRule, BarRules, Bars
from credit.domain.current import Measures
from credit.domain.incentives import Incentives
from credit.domain.lists import Lists
from credit.domain.sampling import SamplingPlan
from credit.domain.scorecard import Scorecard, Scorecards, ScorecardsError
from linkage_runtime.yaml_files import Step, YamlFileError, read_placed, read_yaml

_NO_LIST = "没有此名单 (no such list)"
_LISTS = Path("lists", "lists.yaml")
_BARS = Path("eligibility", "bars.yaml")
_INCENTIVES = Path("eligibility", "incentives.yaml")
_SAMPLING = Path("sampling", "plan.yaml")


def read_scorecards(folder: Path) -> Scorecards:
    """Read all scorecards of a folder.

    Raises:
        YamlFileError: there is none, one cannot be used, or they don't say which is in force.
    """
    cards = [read_scorecard(path) for path in sorted(folder.glob("*.yaml"))]
    try:
        return Scorecards(cards)
    except ScorecardsError as error:
        raise YamlFileError(f"{folder}: {error}") from error


def read_scorecard(path: Path) -> Scorecard:
    """Read one file.

    Raises:
        YamlFileError: it is not there, not YAML, or breaks a rule.
    """
    card, places = read_placed(path, Scorecard)
    lists = path.parent / _LISTS
    if lists.exists() and (unknown := _unknown_lists(card, read_yaml(lists, Lists))):
        told = [f"{places.at(steps)}: {_NO_LIST}: {code}" for steps, code in unknown]
        raise YamlFileError("\n".join(told))
    return card


def read_lists(scorecards: Path) -> Lists:
    """Read what lists (名单) there are, from beside the scorecards.

    Raises:
        YamlFileError: as for a scorecard.
    """
    return read_yaml(scorecards / _LISTS, Lists)


def read_measures(folder: Path) -> Measures:
    """Read all that parties are measured by.

    Raises:
        YamlFileError: something cannot be used, or the rules about bars name what there is not.
    """
    cards, lists = read_scorecards(folder), read_lists(folder)
    rules, places = read_placed(folder / _BARS, BarRules)
    told = [
        f"{places.at(('bars', number, field))}: {code}: {why}"
        for number, rule in enumerate(rules.bars)
        for field, code, why in _unknown_names(rule, cards, lists)
    ]
    if told:
        raise YamlFileError("\n".join(told))
    return Measures(scorecards=cards, bars=Bars(rules=rules, scorecards=cards))


def read_incentives(folder: Path) -> Incentives:
    """Read what the trustworthy get (信易+).

    Raises:
        YamlFileError: it cannot be used, or asks for a list that nobody keeps.
    """
    incentives, places = read_placed(folder / _INCENTIVES, Incentives)
    lists = read_lists(folder)
    told = [
        f"{places.at(('incentives', number, part, nth, 'lists'))}: {_NO_LIST}: {code}"
        for number, incentive in enumerate(incentives.incentives)
        for part, tests in (("needs", incentive.needs), ("refused_by", incentive.refused_by))
        for nth, test in enumerate(tests)
        for code in test.lists
        if lists.of_code(code) is None
    ]
    if told:
        raise YamlFileError("\n".join(told))
    return incentives


def read_sampling_plan(folder: Path) -> SamplingPlan:
    """Read shares and frequencies of random inspections (双随机).

    Raises:
        YamlFileError: it cannot be used.
    """
    return read_yaml(folder / _SAMPLING, SamplingPlan)


def _unknown_names(
    rule: BarRule, cards: Scorecards, lists: Lists
) -> Iterator[tuple[str, str, str]]:
    for code in rule.lists:
        if lists.of_code(code) is None:
            yield "lists", code, _NO_LIST
    for domain in rule.domains:
        if domain not in cards.published:
            yield "domains", domain, "没有此领域的评分表 (no such domain)"
        elif not cards.published[domain].items:
            yield (
                "domains",
                domain,
                "该领域未列事项 (names no items, so it would bar nothing)",
            )


def _unknown_lists(card: Scorecard, lists: Lists) -> list[tuple[tuple[Step, ...], str]]:
    """The lists that lines ask for and nobody keeps: such a line would never hold."""
    return [
        ((part, number, "lists"), code)
        for part, lines in (("criteria", card.criteria), ("hard_rules", card.hard_rules))
        for number, line in enumerate(lines)
        for code in line.lists
        if lists.of_code(code) is None
    ]
