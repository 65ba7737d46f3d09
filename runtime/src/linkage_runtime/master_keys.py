"""The keys that everything else is sealed under, and how one takes another's place.

Processes are changed over one after the other, so each must open what any other seals. First all
know the new key beside the old one, then all seal with the new one and know the old one beside it,
then what is stored is sealed anew, and then the old one goes. What names natural persons stays the
same through all of it: their parties stand in a log that nobody changes.
"""

import hashlib
import os
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

WEBHOOK_SECRET: Final = b"webhook-secret"
"""What boxes of webhook secrets are for; each is sealed for the id of its subscription."""
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """32 bytes each."""

    current: bytes = field(repr=False)
    """Seals, and opens."""
    beside: tuple[bytes, ...] = field(default=(), repr=False)
    """These open too."""
    named_by: bytes | None = field(default=None, repr=False)
    """What ``naming`` is, where it no longer comes from the current key."""

    @property
    def naming(self) -> bytes:
        """Keys the hash that names natural persons."""
        return self.named_by or hashlib.sha256(b"hash" + self.current).digest()


class Boxes:
    """AES-256-GCM boxes of one purpose, nonce in front; each opens for what it was sealed for."""

    def __init__(self, purpose: bytes, keys: MasterKeys) -> None:
        self._ciphers = [
            AESGCM(hashlib.sha256(purpose + key).digest()) for key in (keys.current, *keys.beside)
        ]

    def seal(self, plain: bytes, about: str) -> bytes:
        """Under the current key."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[0].encrypt(nonce, plain, about.encode())

    def open(self, box: bytes, about: str) -> bytes:
        """By whichever key it was sealed under.

        Raises:
            InvalidTag: none of them, or it was sealed for something else.
        """
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(box[:_NONCE], box[_NONCE:], about.encode())
            except InvalidTag:
                continue
        raise InvalidTag

    def sealed_anew(self, box: bytes, about: str) -> bytes | None:
        """Under the current key; ``None`` if it is that already.

        Raises:
            InvalidTag: as ``open``.
        """
        try:
            self._ciphers[0].decrypt(box[:_NONCE], box[_NONCE:], about.encode())
        except InvalidTag:
            return self.seal(self.open(box, about), about)
        return None
