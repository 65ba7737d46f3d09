"""Dashboards keep the rules that make them readable at three in the morning."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import promql_parser
import pytest

from deploy.grafana.__main__ import PAGES
from linkage_runtime.stack.folder import deploy_folder

FILES = sorted((deploy_folder() / "grafana" / "dashboards").glob("*.json"))
BOUNDED = {
    *("ailment", "cause", "change", "channel", "check", "clock", "job", "level", "outcome"),
    *("reader", "risk_class", "role", "side", "slo", "stage", "standing", "state", "status"),
    *("step", "topic", "version", "certificate"),
}
MANY = {"authority", "name", "rule", "type", "kind", "route", "region", "item_group"}
"""Bounded too, but by hundreds: a panel shows the first of them."""
UNITS = {"short", "s", "ops", "reqps", "bytes", "percentunit"}
WIDTH = 24
each_page = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def complaints(page: dict[str, Any]) -> list[str]:
    """What a reader of this page would stumble over."""
    return [*_of_page(page), *(c for panel in panels(page) for c in _of_panel(panel))]


def panels(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in page["panels"] if one["type"] != "row"]


def _of_page(page: dict[str, Any]) -> Iterator[str]:
    for name in ("uid", "title", "description", "tags", "refresh", "timezone"):
        if not page.get(name):
            yield f"page without {name}"
    if not any(one["type"] == "datasource" for one in page["templating"]["list"]):
        yield "no choice of data source"
    numbers = [one["id"] for one in page["panels"]]
    if len(set(numbers)) < len(numbers):
        yield "two panels under one number"
    taken = [(cell, one["title"]) for one in page["panels"] for cell in _cells(one["gridPos"])]
    if len({cell for cell, _ in taken}) < len(taken):
        yield "panels lie upon one another"


def _cells(grid: dict[str, int]) -> Iterator[tuple[int, int]]:
    for x in range(grid["x"], grid["x"] + grid["w"]):
        for y in range(grid["y"], grid["y"] + grid["h"]):
            yield x, y


def _of_panel(panel: dict[str, Any]) -> Iterator[str]:
    title, about = panel.get("title", ""), panel.get("description", "")
    if not title:
        yield "panel without a title"
    if not re.search(r"[一-鿿].* [A-Za-z0-9]", about):
        yield f"{title}: description not in both languages, Chinese first"
    if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
        yield f"{title}: no unit"
    if panel["datasource"]["uid"] != "${datasource}":
        yield f"{title}: hard-coded data source"
    if panel["gridPos"]["x"] + panel["gridPos"]["w"] > WIDTH:
        yield f"{title}: beyond the edge"
    for target in panel["targets"]:
        yield from (f"{title}: {one}" for one in _of_question(target, panel["type"]))


def _of_question(target: dict[str, Any], type_: str) -> Iterator[str]:
    expr, legend = target["expr"], target.get("legendFormat", "")
    named = set(re.findall(r"\{\{(\w+)\}\}", legend))
    told = {one.strip() for by in re.findall(r"by \(([^)]*)\)", expr) for one in by.split(",")}
    if "vector(0)" in expr:
        yield "a made-up 0"
    if named - BOUNDED - MANY:
        yield f"unbounded legend {named}"
    if (named | told) & MANY and not expr.startswith(("topk(", "bottomk(", "histogram_quantile(")):
        yield f"hundreds of lines: {expr}"
    if type_ in {"timeseries", "bargauge"} and not legend:
        yield "lines without names"


@each_page
def test_nobody_stumbles_over_a_page(file: Path) -> None:
    assert complaints(json.loads(file.read_text("utf-8"))) == []


@each_page
def test_every_expression_is_promql(file: Path) -> None:
    for panel in panels(json.loads(file.read_text("utf-8"))):
        for target in panel["targets"]:
            expr = target["expr"].replace("$__rate_interval", "1m").replace("$__range", "1h")
            promql_parser.parse(expr)


@each_page
def test_every_variable_that_is_used_is_declared(file: Path) -> None:
    text = file.read_text("utf-8")
    declared = {one["name"] for one in json.loads(text)["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]+)\b", text))
    assert used <= declared
    assert declared <= used


def test_a_panel_leads_to_traces_of_the_time_that_it_shows() -> None:
    page = json.loads((FILES[0].parent / "linkage-platform.json").read_text("utf-8"))
    links = [one["fieldConfig"]["defaults"].get("links", []) for one in panels(page)]
    urls = [link["url"] for some in links for link in some]
    assert urls
    for url in urls:
        shown = parse_qs(urlsplit(url).query)["panes"][0]
        pane = json.loads(shown)["traces"]
        assert pane["datasource"] == pane["queries"][0]["datasource"]["uid"] == "${traces}"
        assert pane["range"] == {"from": "${__from}", "to": "${__to}"}
        assert pane["queries"][0]["query"].startswith('{ resource.service.namespace = "linkage" &&')


WITHOUT_TRACES = {
    *("LinkageBooksStale", "LinkageLiaisonsNotTold", "LinkageAccessLogLost", "LinkageCalendarEnds"),
    *("LinkageCertificateExpires", "LinkageKeyExpires", "LinkageNotReady", "LinkageProcessDown"),
}
"""About a process or a file: no event's way explains them."""


def test_whatever_an_alert_about_events_is_explained_by_leads_on_to_traces() -> None:
    explaining = [panel for page in PAGES for panel in page.panels.values() if panel.alerts]
    lacking = {alert for panel in explaining if not panel.traces for alert in panel.alerts}
    assert lacking == WITHOUT_TRACES


BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("no unit", {"fieldConfig": {"defaults": {}}}),
    ("not in both languages", {"description": "English only"}),
    ("hard-coded", {"datasource": {"type": "prometheus", "uid": "P1"}}),
    ("made-up", {"targets": [{"expr": "x or vector(0)", "legendFormat": "x"}]}),
    ("unbounded", {"targets": [{"expr": "x", "legendFormat": "{{push_id}}"}]}),
    ("hundreds", {"targets": [{"expr": "sum by (name) (x)", "legendFormat": "{{name}}"}]}),
    ("without names", {"targets": [{"expr": "x"}]}),
    ("beyond the edge", {"gridPos": {"x": 20, "y": 50, "w": 8, "h": 7}}),
    ("upon one another", {"gridPos": {"x": 0, "y": 0, "w": 8, "h": 7}}),
]


@pytest.mark.parametrize(("complaint", "change"), BROKEN, ids=[one for one, _ in BROKEN])
def test_the_linter_notices(complaint: str, change: dict[str, Any]) -> None:
    page = json.loads(FILES[0].read_text("utf-8"))
    next(one for one in page["panels"] if one["type"] == "timeseries").update(change)
    assert any(complaint in one for one in complaints(page))
