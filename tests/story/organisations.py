"""The sample organisations, and how their programs speak to the services."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from linkage_runtime.clock import day_of, now
from linkage_runtime.stack.local import Stack

BUREAU = "11450721XN0721012K"  # 灵山县行政审批局
OTHER_BUREAU = "11450722XN0722015J"
REGULATOR = "11450721XN0721119Y"  # 灵山县市场监督管理局
FIRE = "11450721XN0721127R"  # 灵山县消防救援大队
OVERSIGHT = "11450700XN07000270"  # 钦州市优化营商环境工作领导小组办公室
FOOD_LICENCE = "000131902000"  # 食品经营许可
OFF_CATALOGUE = "000199999000"
PARTY = "91450721MA55AMPL13"
TODAY = day_of(now()).isoformat()
_PATIENCE_SECONDS = 30.0

Found = TypeVar("Found")


class Organisation:
    """One organisation's programs: each service's API, with the organisation's own key."""

    def __init__(self, stack: Stack, organisation: str) -> None:
        self.id = organisation
        self._http = {
            service: httpx.Client(
                base_url=url,
                headers={"Authorization": f"Bearer {stack.keys[organisation]}"},
                timeout=30,
                trust_env=False,
            )
            for service, url in stack.urls.items()
        }

    def close(self) -> None:
        for client in self._http.values():
            client.close()

    def get(self, service: str, path: str, **params: Any) -> httpx.Response:
        return self._http[service].get(path, params=params)

    def post(self, service: str, path: str, body: Any) -> httpx.Response:
        return self._http[service].post(path, json=body)

    def decide(self, number: str, **more: Any) -> httpx.Response:
        """Emit a decision of this bureau: a food licence for a company, unless told otherwise."""
        return self.post("approval-events", "/v1/decisions", decision(self.id, number, **more))

    def act(self, what: str, **body: Any) -> dict[str, Any]:
        """An act of a supervising authority, which must not be refused."""
        answer = self.post("supervision-push", f"/v1/{what}", {"by": "clerk-07", **body})
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        assert done["refused"] == []
        return done

    def entries(self) -> list[dict[str, Any]]:
        """What stands on the own feed."""
        page = self.get("supervision-push", f"/v1/feeds/{self.id}/entries", limit=1000)
        assert page.status_code == 200, page.text
        return list(page.json())

    def told(self, type_: str, **fields: str) -> dict[str, Any]:
        """The next entry of this type on the own feed whose data has these fields; waits for it."""

        def look() -> dict[str, Any] | None:
            for entry in self.entries():
                if entry["type"] == f"linkage.feed.{type_}.v1" and _has(entry["data"], fields):
                    found: dict[str, Any] = entry["data"]
                    return found
            return None

        return eventually(look, f"{type_} {fields} on the feed of {self.id}")

    def linkage(self, decision_id: str) -> dict[str, Any]:
        answer = self.get("approval-events", f"/v1/linkages/{decision_id}")
        return dict(answer.json()) if answer.status_code == 200 else {}


def _has(data: dict[str, Any], fields: dict[str, str]) -> bool:
    inner = data | data.get("decision", {}) | data.get("found", {}).get("data", {})
    inner |= {"step_type": data.get("step", {}).get("type")}
    return all(inner.get(name) == value for name, value in fields.items())


def decision(authority: str, number: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "granted",
        "authority": authority,
        "document_number": f"试审批〔2026〕{number}号",
        "document_title": "食品经营许可决定书",
        "category": "普通",
        "content": "热食类食品制售",
        "decided_on": TODAY,
        "valid_from": TODAY,
        "valid_until": None,
        "party": {"kind": "legal_person", "name": "灵山县示例餐饮有限公司", "code": PARTY},
        "items": [FOOD_LICENCE],
    } | more


def eventually(
    look: Callable[[], Found | None], what: str, *, within: float = _PATIENCE_SECONDS
) -> Found:
    """What ``look`` finds, as soon as it finds anything, within so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"never seen: {what}")
