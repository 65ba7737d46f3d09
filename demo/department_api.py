"""The HTTP calls that a department's programmer would write, repeated until they are answered."""

import time
from typing import Any

import httpx

Entry = dict[str, Any]

_BUSY = {404, 429, 503}
_TRIES = 40


class Api:
    """The calls that a department's programmer would write."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        )

    def get(self, path: str, **params: Any) -> httpx.Response:
        """Read, as often as it takes."""
        return self._until_answered("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """Send; what is sent again after an unknown outcome takes effect once."""
        return self._until_answered("POST", path, json=body).json()

    def act(self, path: str, rows: str, body: Entry, key: str | None = None) -> Entry:
        """Act on many, and again on those that the service does not know yet.

        ``rows`` names the list in the body; ``key`` the field of a row that holds its id, if any.
        """
        answer: Entry = {"done": [], "refused": []}
        left = body[rows]
        for _ in range(_TRIES):
            if not left:
                break
            said = self.post(path, body | {rows: left})
            early = {row["id"] for row in said["refused"] if row["status"] == 404}
            answer["done"] += said["done"]
            answer["refused"] = [row for row in said["refused"] if row["id"] not in early]
            left = [row for row in left if (row[key] if key else row) in early]
            if left:
                time.sleep(0.25)
        return answer

    def _until_answered(self, method: str, path: str, **request: Any) -> httpx.Response:
        for attempt in range(_TRIES):
            try:
                response = self._http.request(method, path, **request)
            except httpx.TransportError:
                time.sleep(0.25)
                continue
            if response.status_code not in _BUSY or attempt == _TRIES - 1:
                return response.raise_for_status() if response.status_code in _BUSY else response
            time.sleep(0.25)
        raise RuntimeError(f"{method} {path}: nobody answers")
