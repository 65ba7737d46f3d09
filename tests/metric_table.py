"""What deploy/METRICS.md says of each metric, and what processes export."""

import re
from collections import defaultdict
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from linkage_runtime.stack.folder import deploy_folder

_ROW = re.compile(r"^\| `(\w+)` \| (.*?) \| (.*?) \|", re.MULTILINE)
_ONLY_OF = {"le"}
"""Labels that the type brings."""
_THEIRS = ("python_", "process_", "faust_")
EVERYWHERE = "every process"
Table = dict[str, tuple[frozenset[str], frozenset[str]]]
"""Labels and processes of a metric, by its name."""


def told() -> Table:
    """As the page has it."""
    text = (deploy_folder() / "METRICS.md").read_text("utf-8")
    return {
        name.removesuffix("_total"): (_names(labels), _names(where))
        for name, labels, where in _ROW.findall(text)
    }


def exported(texts: Mapping[str, str]) -> Table:
    """Of what processes answered, by their names; what Python and faust export is theirs."""
    labels: dict[str, set[str]] = defaultdict(set)
    where: dict[str, set[str]] = defaultdict(set)
    for process, text in texts.items():
        for family in text_string_to_metric_families(text):
            # A process that only loads a metric's module has none of it.
            if family.samples and not family.name.startswith(_THEIRS):
                where[family.name].add(process)
                for sample in family.samples:
                    labels[family.name] |= sample.labels.keys() - _ONLY_OF
    return {
        name: (
            frozenset(labels[name]),
            frozenset({EVERYWHERE}) if some == texts.keys() else frozenset(some),
        )
        for name, some in where.items()
    }


def silent(texts: Mapping[str, str]) -> set[str]:
    """Metrics that say nothing anywhere: no process has a label set of them."""
    families = [one for text in texts.values() for one in text_string_to_metric_families(text)]
    return {one.name for one in families} - {one.name for one in families if one.samples}


def _names(cell: str) -> frozenset[str]:
    return frozenset(re.findall(r"`([\w.-]+)`", cell)) or frozenset({cell} - {""})
