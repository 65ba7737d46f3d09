"""Configuration from YAML files, with every mistake named by line and column, in both languages."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from linkage_runtime.errors import PermanentError
from linkage_runtime.faults import Fault, faults_of

_OURS = "Value error, "

Model = TypeVar("Model", bound=BaseModel)
Step = int | str


class YamlFileError(PermanentError):
    """A file cannot be used; the message has one line for each mistake."""


class Places:
    """Where things stand in one file."""

    def __init__(self, path: Path, root: yaml.Node | None) -> None:
        self._path = path
        self._root = root

    def at(self, steps: Sequence[Step]) -> str:
        """File, line and column of a thing, or of the nearest around it that stands in the file."""
        node, mark = self._root, self._root.start_mark if self._root else None
        for step in steps:
            if isinstance(node, yaml.MappingNode):
                keys = {key.value: key.start_mark for key, _ in node.value}
                mark = keys.get(step, mark)
            node = _child(node, step)
            if node is None:
                break
            if not isinstance(step, str):
                mark = node.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return f"{self._path}, line {line}, column {column}"

    def steps_in_file(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """The steps without those that stand nowhere, but for the last: it names what is missing.

        Where one of several models may stand, pydantic puts its name between the steps of the file.
        """
        node, found = self._root, list[Step]()
        for place, step in enumerate(steps, 1):
            below = _child(node, step)
            if below is None and place < len(steps):
                continue
            found.append(step)
            node = below
        return tuple(found)


def read_yaml(path: Path, model: type[Model]) -> Model:
    """Read one file.

    Raises:
        YamlFileError: it is not there, not YAML, or breaks a rule.
    """
    return read_placed(path, model)[0]


def read_placed(path: Path, model: type[Model]) -> tuple[Model, Places]:
    """As ``read_yaml``, with the places of what was read, for rules that the model cannot check."""
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
    places = Places(path, root)
    if repeated := _repeated_keys(root, ()):
        told = [f"{places.at(steps)}: {steps[-1]}: 重复的键 (appears twice)" for steps in repeated]
        raise YamlFileError("\n".join(told))
    try:
        return model.model_validate(content), places
    except ValidationError as error:
        mistakes = error.errors(include_url=False, include_input=False)
        raise YamlFileError(_explain(places, mistakes)) from error


def _explain(places: Places, mistakes: Sequence[ErrorDetails]) -> str:
    placed: list[ErrorDetails] = [
        {**one, "loc": places.steps_in_file(one["loc"])} for one in mistakes
    ]
    return "\n".join(
        f"{places.at(_steps(mistake, fault))}: {fault.pointer or '/'}: {_said(fault)}"
        for mistake, fault in zip(placed, faults_of(placed), strict=True)
    )


def _said(fault: Fault) -> str:
    """Our own rules speak both languages; of pydantic's, the fault does."""
    if _OURS in fault.en:
        return fault.en.removeprefix(_OURS)
    return f"{fault.zh} ({fault.en}); {fault.remedy_zh} ({fault.remedy_en})"


def _steps(mistake: ErrorDetails, fault: Fault) -> tuple[Step, ...]:
    """The way to a mistake; our own rules begin with the field that they are about."""
    field = re.match(r"(\w+): ", _said(fault)) if _OURS in fault.en else None
    return (*mistake["loc"], field[1]) if field else mistake["loc"]


def _child(node: yaml.Node | None, step: Step) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        below: dict[Step, yaml.Node] = {key.value: value for key, value in node.value}
    elif isinstance(node, yaml.SequenceNode):
        below = dict(enumerate(node.value))
    else:
        below = {}
    return below.get(step)


def _repeated_keys(node: yaml.Node | None, above: tuple[Step, ...]) -> list[tuple[Step, ...]]:
    """YAML takes the last of two equal keys in silence; here that is a mistake."""
    if isinstance(node, yaml.SequenceNode):
        return [
            steps
            for number, item in enumerate(node.value)
            for steps in _repeated_keys(item, (*above, number))
        ]
    if not isinstance(node, yaml.MappingNode):
        return []
    found, seen = list[tuple[Step, ...]](), set[str]()
    for key, value in node.value:
        steps = (*above, key.value)
        found += [steps] if key.value in seen else []
        seen.add(key.value)
        found += _repeated_keys(value, steps)
    return found
