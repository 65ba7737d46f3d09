"""Webhook secrets at rest: AES-256-GCM under a key derived from the master key."""

from cryptography.exceptions import InvalidTag

from linkage_runtime.errors import PermanentError
from linkage_runtime.master_keys import WEBHOOK_SECRET, Boxes, MasterKeys


class UnreadableSecretError(PermanentError):
    """The secret was sealed under another master key, or for another subscription."""


class SealedSecrets:
    """Seals each secret for one subscription: a box that was copied to another does not open."""

    def __init__(self, master: MasterKeys) -> None:
        self._boxes = Boxes(WEBHOOK_SECRET, master)

    def seal(self, subscription_id: str, secret: str) -> bytes:
        """The box to store."""
        return self._boxes.seal(secret.encode(), subscription_id)

    def open(self, subscription_id: str, box: bytes) -> str:
        """The secret in clear.

        Raises:
            UnreadableSecretError: the box does not fit.
        """
        try:
            return self._boxes.open(box, subscription_id).decode()
        except InvalidTag as error:
            raise UnreadableSecretError(_unreadable(subscription_id)) from error

    def sealed_anew(self, subscription_id: str, box: bytes) -> bytes | None:
        """The box under the current master key; ``None`` if it is that already.

        Raises:
            UnreadableSecretError: the box does not fit.
        """
        try:
            return self._boxes.sealed_anew(box, subscription_id)
        except InvalidTag as error:
            raise UnreadableSecretError(_unreadable(subscription_id)) from error


def _unreadable(subscription_id: str) -> str:
    return f"secret of subscription {subscription_id}: sealed under another master key"
