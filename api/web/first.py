"""The link by which the first administrator comes in without copying a key: once, for ten minutes, on this machine."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MINUTES", "FirstLink"]

MINUTES: Final = 10


class FirstLink:
    """Holds the word of the link, in memory only and as a hash.

    Parameters
    ----------
    monotonic : callable
        For tests.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._hash, self._key_id, self._until = b"", "", 0.0

    def offer(self, key: str) -> str:
        """A new word, which stands for a key until it is used, or its time is over.

        Parameters
        ----------
        key : str
            As its owner keeps it: ``dsg_<id>_<secret>``.
        """
        word = secrets.token_urlsafe(24)
        with self._lock:
            self._hash = hashlib.sha256(word.encode()).digest()
            self._key_id = key.removeprefix("dsg_")[:32]
            self._until = self._monotonic() + 60 * MINUTES
        return word

    def fits(self, word: str) -> bool:
        """Whether the link is still good; asking does not use it up."""
        with self._lock:
            return self._fits(word)

    def take(self, word: str) -> str | None:
        """Id of the key that it stands for; from now on it stands for none."""
        with self._lock:
            if not self._fits(word):
                return None
            key_id, self._hash = self._key_id, b""
            return key_id

    def _fits(self, word: str) -> bool:
        given = hashlib.sha256(word.encode(errors="replace")).digest()
        return bool(self._hash) and self._monotonic() < self._until and hmac.compare_digest(self._hash, given)
