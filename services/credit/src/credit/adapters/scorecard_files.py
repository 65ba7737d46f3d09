"""Scorecards from YAML files, with every mistake named by line and column, in both languages."""

import re
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from credit.domain.lists import Lists
from credit.domain.scorecard import Scorecard, Scorecards, ScorecardsError
from linkage_runtime.errors import PermanentError
from linkage_runtime.faults import Fault, faults_of

Content = TypeVar("Content", bound=BaseModel)

Steps = tuple[int | str, ...]

_OURS = "Value error, "
_LISTS = Path("lists", "lists.yaml")


class ScorecardError(PermanentError):
    """A scorecard cannot be used; the message has one line for each mistake."""


def read_scorecards(folder: Path) -> Scorecards:
    """Read all scorecards of a folder.

    Raises:
        ScorecardError: there is none, one cannot be used, or they don't say which is in force.
    """
    cards = [read_scorecard(path) for path in sorted(folder.glob("*.yaml"))]
    try:
        return Scorecards(cards)
    except ScorecardsError as error:
        raise ScorecardError(f"{folder}: {error}") from error


def read_scorecard(path: Path) -> Scorecard:
    """Read one file.

    Raises:
        ScorecardError: it is not there, not YAML, or breaks a rule.
    """
    card, root = _read(path, Scorecard)
    lists = path.parent / _LISTS
    if lists.exists() and (unknown := _unknown_lists(card, _read(lists, Lists)[0])):
        msg = "\n".join(
            f"{path}, {_place(root, steps)}: 没有此名单 (no such list): {code}"
            for steps, code in unknown
        )
        raise ScorecardError(msg)
    return card


def read_lists(scorecards: Path) -> Lists:
    """Read what lists (名单) there are, from beside the scorecards.

    Raises:
        ScorecardError: as for a scorecard.
    """
    return _read(scorecards / _LISTS, Lists)[0]


def _unknown_lists(card: Scorecard, lists: Lists) -> list[tuple[Steps, str]]:
    """The lists that lines ask for and nobody keeps: such a line would never hold."""
    return [
        ((part, number, "lists"), code)
        for part, lines in (("criteria", card.criteria), ("hard_rules", card.hard_rules))
        for number, line in enumerate(lines)
        for code in line.lists
        if lists.of_code(code) is None
    ]


def _read(path: Path, model: type[Content]) -> tuple[Content, yaml.Node | None]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: 无法读取 (cannot be read): {error}"
        raise ScorecardError(msg) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        msg = f"{path}: 不是合法的 YAML (not valid YAML): {error}"
        raise ScorecardError(msg) from error
    if repeated := _repeated_keys(root):
        raise ScorecardError("\n".join(f"{path}, {where}" for where in repeated))
    try:
        return model.model_validate(content), root
    except ValidationError as error:
        raise ScorecardError(_explain(path, root, error)) from error


def _explain(path: Path, root: yaml.Node | None, error: ValidationError) -> str:
    mistakes = error.errors(include_url=False, include_input=False)
    return "\n".join(
        f"{path}, {_place(root, _steps(mistake, fault))}: {fault.pointer or '/'}: {_said(fault)}"
        for mistake, fault in zip(mistakes, faults_of(mistakes), strict=True)
    )


def _said(fault: Fault) -> str:
    """Our own rules speak both languages; of pydantic's, the fault does."""
    if _OURS in fault.en:
        return fault.en.removeprefix(_OURS)
    return f"{fault.zh} ({fault.en}); {fault.remedy_zh} ({fault.remedy_en})"


def _steps(mistake: ErrorDetails, fault: Fault) -> Steps:
    """The way to a mistake; our own rules begin with the field that they are about."""
    field = re.match(r"(\w+): ", _said(fault)) if _OURS in fault.en else None
    return (*mistake["loc"], field[1]) if field else mistake["loc"]


def _place(root: yaml.Node | None, steps: Steps) -> str:
    """Where a mistake stands, or the nearest thing around it that stands in the file."""
    node, mark = root, root.start_mark if root else None
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            keys = {key.value: key.start_mark for key, _ in node.value}
            mark = keys.get(step, mark)
        node = _child(node, step)
        if node is None:
            break
        if not isinstance(step, str):
            mark = node.start_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1, column 1"


def _child(node: yaml.Node | None, step: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        below = {key.value: value for key, value in node.value}
    elif isinstance(node, yaml.SequenceNode):
        below = dict(enumerate(node.value))
    else:
        below = {}
    return below.get(step)


def _repeated_keys(node: yaml.Node | None) -> list[str]:
    """YAML takes the last of two equal keys in silence; in a scorecard that is a mistake."""
    if isinstance(node, yaml.SequenceNode):
        return [where for item in node.value for where in _repeated_keys(item)]
    if not isinstance(node, yaml.MappingNode):
        return []
    found, seen = [], set()
    for key, value in node.value:
        if key.value in seen:
            mark = key.start_mark
            found.append(
                f"line {mark.line + 1}, column {mark.column + 1}: {key.value}: "
                "重复的键 (this key appears twice)"
            )
        seen.add(key.value)
        found += _repeated_keys(value)
    return found
