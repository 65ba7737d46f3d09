"""Scorecards from YAML files, with every mistake named by line, in both languages."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from credit.domain.scorecard import Scorecard
from linkage_runtime.errors import PermanentError
from linkage_runtime.faults import faults_of

_OURS = "Value error, "


class ScorecardError(PermanentError):
    """A scorecard cannot be used; the message has one line for each mistake."""


def read_scorecard(path: Path) -> Scorecard:
    """Read one file.

    Raises:
        ScorecardError: it is not there, not YAML, or breaks a rule.
    """
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
        return Scorecard.model_validate(content)
    except ValidationError as error:
        raise ScorecardError(_explain(path, root, error)) from error


def _explain(path: Path, root: yaml.Node | None, error: ValidationError) -> str:
    mistakes = error.errors(include_url=False, include_input=False)
    return "\n".join(
        f"{path}, line {_line(root, mistake['loc'])}: {fault.pointer or '/'}: "
        + (fault.en.removeprefix(_OURS) if _OURS in fault.en else f"{fault.zh} ({fault.en})")
        for mistake, fault in zip(mistakes, faults_of(mistakes), strict=True)
    )


def _line(node: yaml.Node | None, steps: tuple[int | str, ...]) -> int:
    """The line of a mistake, or of the nearest thing around it that stands in the file."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        below = _child(node, step)
        if below is None:
            break
        node, line = below, below.start_mark.line + 1
    return line


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
            line = key.start_mark.line + 1
            found.append(f"line {line}: {key.value}: 重复的键 (this key appears twice)")
        seen.add(key.value)
        found += _repeated_keys(value)
    return found
