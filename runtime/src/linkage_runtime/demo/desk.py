"""What every part of the demo uses: an organisation's key, and a line of what came out."""

from dataclasses import dataclass

import httpx

from linkage_runtime.command.connection import client
from linkage_runtime.stack.local import Stack


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing that was tried, and what came out."""

    what: str
    came: str


def api_of(stack: Stack, service: str, holder: str) -> httpx.Client:
    """A service's API with one organisation's key."""
    return client(stack.urls[service], stack.keys[holder])
