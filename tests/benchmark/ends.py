"""When a decision is done: its webhook was answered, or both of its loops have ended."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import httpx

from tests.log import Log


class End(Protocol):
    """Tells what came to its end."""

    def seen(self) -> int:
        """How many decisions did."""

    def stages(self) -> Mapping[str, Mapping[str, float]]:
        """When each came to each stage, in seconds since the epoch, by its id; the end is last."""


class Delivered:
    """A signed webhook was answered, as its receiver saw it."""

    def __init__(self, receiver: str) -> None:
        self._receiver = receiver

    def seen(self) -> int:
        """See ``End``."""
        return int(httpx.get(f"{self._receiver}/seen", timeout=60).text)

    def stages(self) -> Mapping[str, Mapping[str, float]]:
        """See ``End``."""
        told = httpx.get(f"{self._receiver}/arrivals", timeout=60).json()
        return {"delivered": told["arrived"]}


_LOOK_SECONDS = 2.0
_STAGES = {
    "routed": "push.opened",
    "delivered": "push.delivered",
    "received": "push.received",
    "fed back": "push.fed-back",
    "with the bureau": "action.result-received",
    "acted on": "action.reported",
    "closed": "report.forwarded",
}


class Closed:
    """The supervisor was told what the bureau did: nothing is owed in either loop."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._log = Log()
        self._read_at = 0.0

    def seen(self) -> int:
        """See ``End``; reading costs what is measured some CPU, so it is done now and then."""
        if time.monotonic() - self._read_at >= _LOOK_SECONDS:
            self._log.read_on(self._kafka)
            self._read_at = time.monotonic()
        return len(self._reached(_STAGES["closed"]))

    def stages(self) -> Mapping[str, Mapping[str, float]]:
        """See ``End``."""
        return {stage: self._reached(type_) for stage, type_ in _STAGES.items()}

    def _reached(self, type_: str) -> dict[str, float]:
        return {
            one.data["decision_id"]: datetime.fromisoformat(one.recorded).timestamp()
            for one in self._log.of(type_)
        }
