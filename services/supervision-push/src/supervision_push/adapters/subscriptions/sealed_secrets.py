"""Webhook secrets at rest: AES-256-GCM under a key derived from the master key."""

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from linkage_runtime.errors import PermanentError

_NONCE = 12


class UnreadableSecretError(PermanentError):
    """The secret was sealed under another master key, or for another subscription."""


class SealedSecrets:
    """Seals each secret for one subscription: a box that was copied to another does not open."""

    def __init__(self, master: bytes) -> None:
        self._key = AESGCM(hashlib.sha256(b"webhook-secret" + master).digest())

    def seal(self, subscription_id: str, secret: str) -> bytes:
        """The box to store, nonce in front."""
        nonce = os.urandom(_NONCE)
        return nonce + self._key.encrypt(nonce, secret.encode(), subscription_id.encode())

    def open(self, subscription_id: str, box: bytes) -> str:
        """The secret in clear.

        Raises:
            UnreadableSecretError: the box does not fit.
        """
        try:
            plain = self._key.decrypt(box[:_NONCE], box[_NONCE:], subscription_id.encode())
        except InvalidTag as error:
            msg = f"secret of subscription {subscription_id}: sealed under another master key"
            raise UnreadableSecretError(msg) from error
        return plain.decode()
