"""Links from a panel to traces of what it shows, in whatever Tempo this Grafana has."""

import json
import re
from typing import Final
from urllib.parse import quote

from grafana_foundation_sdk.builders import dashboard

TRACES: Final = "traces"
"""The variable that names the data source; empty where there is none."""


def trace_link(of: str) -> dashboard.DashboardLink:
    """Grafana's explorer with a TraceQL condition, over the time that the page shows."""
    source = f"${{{TRACES}}}"
    query = {
        "refId": "A",
        "datasource": {"type": "tempo", "uid": source},
        "queryType": "traceql",
        "query": f'{{ resource.service.namespace = "linkage" && {of} }}',
    }
    pane = {
        "datasource": source,
        "queries": [query],
        "range": {"from": "${__from}", "to": "${__to}"},
    }
    panes = json.dumps({"traces": pane}, separators=(",", ":"))
    return (
        dashboard.DashboardLink("追踪 Traces")
        .url(f"/explore?schemaVersion=1&panes={_quoted(panes)}")
        .target_blank(target_blank=True)
    )


def _quoted(panes: str) -> str:
    # Grafana puts values in before a browser reads the address: its own marks stay as they are.
    parts = re.split(r"(\$\{\w+\})", panes)
    return "".join(part if part.startswith("${") else quote(part) for part in parts)
