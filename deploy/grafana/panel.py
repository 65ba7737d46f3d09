"""The words that pages are written in: a panel asks Prometheus, a page has rows of panels."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.models.common import DataSourceRef, VizOrientation
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    DataTransformerConfig,
    VariableOption,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from deploy.grafana.traces import TRACES, trace_link

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
HEIGHT = 7
_ROWS_FROM = 101
"""Where the numbers of rows begin: those of panels are before."""


class Look(StrEnum):
    """How answers are drawn."""

    LINES = "timeseries"
    NUMBER = "stat"
    BARS = "bargauge"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Ask:
    """One question; ``legend`` names what it answers, in words and bounded labels."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; ``alerts`` are what it explains; ``quiet``: in a sound run it stands still."""

    title: str
    about: str
    unit: str
    asks: tuple[Ask, ...]
    look: Look = Look.LINES
    width: int = 8
    alerts: tuple[str, ...] = ()
    quiet: bool = False
    traces: str = ""
    """TraceQL: the spans that it leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One dashboard."""

    uid: str
    title: str
    about: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    variables: tuple[tuple[str, str, str], ...] = ()
    """Name, label, and the query that lists its values."""
    since: str = "now-6h"

    @property
    def panels(self) -> dict[int, Panel]:
        """Every panel by the number that links name it by."""
        return dict(enumerate((one for _, panels in self.rows for one in panels), start=1))

    def build(self) -> dashboard.Dashboard:
        """As Grafana takes it."""
        page = (
            dashboard.Dashboard(self.title)
            .uid(self.uid)
            .description(self.about)
            .tags(["linkage"])
            .time(self.since, "now")
            .refresh("30s")
            .timezone("Asia/Shanghai")
            .tooltip(DashboardCursorSync.CROSSHAIR)
            .with_variable(dashboard.DatasourceVariable("datasource").type("prometheus"))
            .link(_other_pages())
        )
        if any(panel.traces for panel in self.panels.values()):
            page = page.with_variable(dashboard.DatasourceVariable(TRACES).type("tempo"))
        for name, label, query in self.variables:
            page = page.with_variable(_variable(name, label, query))
        numbers = iter(self.panels)
        for number, (title, panels) in enumerate(self.rows, start=_ROWS_FROM):
            page = page.with_row(dashboard.Row(title).id(number))
            for panel in panels:
                page = page.with_panel(_drawn(panel).id(next(numbers)))
        return page


def times(*selectors: str) -> tuple[Ask, ...]:
    """The median and the 99th percentile of histograms, each summed by ``le``."""
    return tuple(
        Ask(
            f"histogram_quantile({share}, sum by (le) (rate({selector}[$__rate_interval])))",
            f"{_gap_of(selector)} p{share * 100:g}".strip(),
        )
        for selector in selectors
        for share in (0.5, 0.99)
    )


def _gap_of(selector: str) -> str:
    return selector.partition('gap="')[2].partition('"')[0]


def _other_pages() -> dashboard.DashboardLink:
    return (
        dashboard.DashboardLink("linkage")
        .type(DashboardLinkType.DASHBOARDS)
        .tags(["linkage"])
        .as_dropdown(as_dropdown=True)
        .include_vars(include_vars=True)
        .keep_time(keep_time=True)
    )


def _variable(name: str, label: str, query: str) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(VariableOption(text="All", value="$__all"))
    )


def _drawn(panel: Panel) -> Any:  # noqa: ANN401 -- the four builders share no type
    blank: dict[Look, Any] = {
        Look.LINES: timeseries.Panel(),
        Look.NUMBER: _number(),
        Look.BARS: _bars(),
        Look.TABLE: _table(),
    }
    drawn = (
        blank[panel.look]
        .title(panel.title)
        .description(panel.about)
        .unit(panel.unit)
        .datasource(SOURCE)
        .height(HEIGHT)
        .span(panel.width)
    )
    if panel.traces:
        drawn = drawn.data_links([trace_link(panel.traces)])
    for letter, ask in zip("ABCDEFGHIJKLMNOP", panel.asks, strict=False):
        drawn = drawn.with_target(_question(ask, letter, panel.look))
    return drawn


def _question(ask: Ask, letter: str, look: Look) -> prometheus.Dataquery:
    question = prometheus.Dataquery().expr(ask.expr).ref_id(letter).legend_format(ask.legend)
    if look is Look.LINES:
        return question.range()
    question = question.instant()
    return question.format(PromQueryFormat.TABLE) if look is Look.TABLE else question


def _number() -> stat.Panel:
    return stat.Panel().reduce_options(_last())


def _bars() -> bargauge.Panel:
    return bargauge.Panel().reduce_options(_last()).orientation(VizOrientation.HORIZONTAL)


def _table() -> table.Panel:
    return table.Panel().with_transformation(
        DataTransformerConfig(id_val="organize", options={"excludeByName": {"Time": True}})
    )


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def alerts_explained(pages: Iterable[Page]) -> dict[str, str]:
    """Where each alert's panel is, as a link within Grafana."""
    return {
        alert: f"/d/{page.uid}?viewPanel={number}"
        for page in pages
        for number, panel in page.panels.items()
        for alert in panel.alerts
    }
