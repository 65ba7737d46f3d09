"""Liaisons told by a command or an HTTP hook: what SMS gateways and messengers are bound to."""

import asyncio
from collections.abc import Sequence
from typing import Final

import httpx

from linkage_runtime.errors import TransientError
from supervision_push.adapters.notices.notice_text import NoticeText
from supervision_push.domain.digest import Digest, Liaison

SECONDS: Final = 30.0


class CommandNotifier:
    """Runs the operator's command, without a shell, with the message as JSON on its input.

    An exit code of 0 says that the message is on its way.
    """

    def __init__(self, command: Sequence[str], text: NoticeText, seconds: float = SECONDS) -> None:
        self._command = tuple(command)
        self._text = text
        self._seconds = seconds

    async def notify(self, organisation: str, digest: Digest, liaison: Liaison) -> None:
        """See ``Notifier``."""
        silent = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=silent, stderr=silent
            )
        except OSError as error:
            raise TransientError(f"cannot be run: {type(error).__name__}") from error
        try:
            async with asyncio.timeout(self._seconds):
                await process.communicate(self._text.as_json(organisation, digest, liaison))
        except TimeoutError as error:
            raise TransientError(f"not done after {self._seconds:g} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise TransientError(f"exit code {process.returncode}")


class HttpNotifier:
    """Posts the message as JSON to the operator's hook; any 2xx says that it is on its way."""

    def __init__(self, url: str, token: str | None, text: NoticeText) -> None:
        self._url = url
        self._token = token
        self._text = text

    async def notify(self, organisation: str, digest: Digest, liaison: Liaison) -> None:
        """See ``Notifier``."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": digest.id}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = self._text.as_json(organisation, digest, liaison)
        try:
            # A connection for each: there are few messages, and nothing is left to be closed.
            async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as http:
                answer = await http.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise TransientError(type(error).__name__) from error
        if not answer.is_success:
            raise TransientError(f"answered {answer.status_code}")
