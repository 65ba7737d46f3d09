"""Signed webhooks: a CloudEvents batch by POST, signed as Standard Webhooks has it.

No redirects are followed, every phase has its time-out, and no more of an answer is read than a
list of receipts needs.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import httpcore
import httpx
from standardwebhooks import Webhook

from linkage_contracts.ids import stable_id
from linkage_runtime.traces import continued, tell_status, traceparent_of
from supervision_push.adapters.subscriptions.endpoint_addresses import (
    AllowedAddresses,
    ForbiddenEndpointError,
)
from supervision_push.adapters.subscriptions.sealed_secrets import (
    SealedSecrets,
    UnreadableSecretError,
)
from supervision_push.adapters.subscriptions.webhook_answers import outcome_of
from supervision_push.adapters.subscriptions.webhook_connections import WebhookConnections
from supervision_push.domain.answer import Cause, Failed, Outcome
from supervision_push.domain.entry import BATCH_MEDIA_TYPE, StoredEntry, batch_body
from supervision_push.domain.subscription import Subscription

ANSWER_BYTES: Final = 64 * 1024
"""A thousand push ids fit; the rest of a longer answer is not read."""
CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 5.0, 15.0, 30.0


class WebhookSender:
    """Sends for all subscriptions of a process; close it at the end."""

    def __init__(
        self,
        allowed: AllowedAddresses,
        secrets: SealedSecrets,
        clock: Callable[[], datetime],
        *,
        tls: ssl.SSLContext | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._secrets = secrets
        self._clock = clock
        self._total_seconds = total_seconds
        self._connections = WebhookConnections(allowed, tls or httpx.create_ssl_context())

    async def send(self, subscription: Subscription, entries: Sequence[StoredEntry]) -> Outcome:
        """See ``Sender``."""
        if subscription.endpoint is None or subscription.sealed_secret is None:
            msg = f"subscription {subscription.id} is no webhook"
            raise TypeError(msg)
        url = httpx.URL(subscription.endpoint)
        body = batch_body(entries)
        try:
            headers = self._headers(subscription, entries, body) | {"Host": url.netloc.decode()}
            # The address may hold a token of the receiver's: the span does not tell it.
            with continued("POST webhook", "client", (entry.body for entry in entries)) as spans:
                if traceparent := traceparent_of(spans):
                    headers["traceparent"] = traceparent
                async with asyncio.timeout(self._total_seconds):
                    status, answered, answer = await self._post(subscription.id, url, headers, body)
                tell_status(spans, status)
        except (TimeoutError, httpcore.TimeoutException):
            return Failed(cause=Cause.TIMEOUT, detail="no answer in time")
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            return Failed(cause=Cause.CONNECTION, detail=type(error).__name__)
        except ForbiddenEndpointError as error:
            return Failed(cause=Cause.FORBIDDEN_ADDRESS, detail=str(error))
        except UnreadableSecretError as error:
            return Failed(cause=Cause.SECRET, detail=str(error))
        return outcome_of(status, answered, answer, self._clock())

    async def aclose(self) -> None:
        """Close all connections."""
        await self._connections.aclose()

    def _headers(
        self, subscription: Subscription, entries: Sequence[StoredEntry], body: bytes
    ) -> dict[bytes | str, bytes | str]:
        # The same batch again has the same id; the time of the attempt is inside what is signed.
        message = stable_id("webhook", subscription.id, entries[0].id, entries[-1].id)
        at, signed = self._clock(), body.decode()
        signatures = [
            Webhook(self._secrets.open(subscription.id, sealed)).sign(message, at, signed)
            for sealed in subscription.secrets_at(at)
        ]
        return {
            "Content-Type": BATCH_MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "linkage",
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }

    async def _post(
        self,
        subscription_id: str,
        url: httpx.URL,
        headers: dict[bytes | str, bytes | str],
        body: bytes,
    ) -> tuple[int, dict[str, str], bytes]:
        times = {
            "connect": CONNECT_SECONDS,
            "pool": CONNECT_SECONDS,
            "read": READ_SECONDS,
            "write": READ_SECONDS,
        }
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        async with (
            self._connections.to(subscription_id, target) as connection,
            connection.stream(
                "POST", target, headers=headers, content=body, extensions={"timeout": times}
            ) as response,
        ):
            answer = bytearray()
            async for chunk in response.aiter_stream():
                answer += chunk
                if len(answer) > ANSWER_BYTES:
                    break
        answered = {
            name.decode().lower(): value.decode("latin-1") for name, value in response.headers
        }
        return response.status, answered, bytes(answer)
