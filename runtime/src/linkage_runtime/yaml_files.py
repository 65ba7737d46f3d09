"""Configuration from YAML files, with every mistake named by line, in both languages."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from linkage_runtime.errors import PermanentError
from linkage_runtime.faults import faults_of

_OURS = "Value error, "

Model = TypeVar("Model", bound=BaseModel)
_Step = int | str


class YamlFileError(PermanentError):
    """A file cannot be used; the message has one line for each mistake."""


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Read one file.

    Raises:
        YamlFileError: it is not there, not YAML, or breaks a rule.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{path}: 无法读取 (cannot be read): {error}"
        raise YamlFileError(msg) from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        msg = f"{path}: 不是合法的 YAML (not valid YAML): {error}"
        raise YamlFileError(msg) from error
    if repeated := _repeated_keys(root):
        raise YamlFileError("\n".join(f"{path}, {where}" for where in repeated))
    try:
        return model.model_validate(content)
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)
        raise YamlFileError(_explain(path, root, mistakes)) from error


def _explain(path: Path, root: yaml.Node | None, mistakes: Sequence[ErrorDetails]) -> str:
    # Where one of several models may stand, pydantic puts its name between the steps of the file.
    placed: list[ErrorDetails] = [
        {**one, "loc": _steps_in_file(root, one["loc"])} for one in mistakes
    ]
    return "\n".join(
        f"{path}, line {_line(root, mistake['loc'])}: {fault.pointer or '/'}: "
        + (fault.en.removeprefix(_OURS) if _OURS in fault.en else f"{fault.zh} ({fault.en})")
        for mistake, fault in zip(placed, faults_of(placed), strict=True)
    )


def _steps_in_file(root: yaml.Node | None, steps: tuple[_Step, ...]) -> tuple[_Step, ...]:
    """The steps without those that stand nowhere, but for the last: it names what is missing."""
    node, found = root, list[_Step]()
    for place, step in enumerate(steps, 1):
        below = _child(node, step)
        if below is None and place < len(steps):
            continue
        found.append(step)
        node = below
    return tuple(found)


def _line(node: yaml.Node | None, steps: tuple[_Step, ...]) -> int:
    """The line of a mistake, or of the nearest thing around it that stands in the file."""
    line = 1 if node is None else node.start_mark.line + 1
    for step in steps:
        below = _child(node, step)
        if below is None:
            break
        node, line = below, below.start_mark.line + 1
    return line


def _child(node: yaml.Node | None, step: _Step) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        below: dict[_Step, yaml.Node] = {key.value: value for key, value in node.value}
    elif isinstance(node, yaml.SequenceNode):
        below = dict(enumerate(node.value))
    else:
        below = {}
    return below.get(step)


def _repeated_keys(node: yaml.Node | None) -> list[str]:
    """YAML takes the last of two equal keys in silence; here that is a mistake."""
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
