"""The rules as they are deployed, and the names of metrics in any expression."""

import re
from functools import cache
from typing import Any

import yaml

from linkage_runtime.stack.folder import deploy_folder

PROMETHEUS = deploy_folder() / "prometheus"
_NAME = re.compile(r"\b(?:linkage|faust|process)_[a-z_]+\b")
_STRINGS = re.compile(r'"[^"]*"')
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


@cache
def rules() -> tuple[dict[str, Any], ...]:
    """Every rule of every file."""
    files = sorted((PROMETHEUS / "rules").glob("*.yml"))
    groups = [one for file in files for one in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    return tuple(rule for group in groups for rule in group["rules"])


def alerts() -> list[dict[str, Any]]:
    """Those that tell somebody."""
    return [rule for rule in rules() if "alert" in rule]


def metrics_in(expr: str) -> set[str]:
    """Metrics that an expression names, as their processes declare them; no recorded ones."""
    return {_SUFFIX.sub("", name) for name in _NAME.findall(_STRINGS.sub("", expr))}
