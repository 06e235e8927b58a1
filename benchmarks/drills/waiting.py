"""Wait for something that will come, never for a while."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["until"]


def until(condition: Callable[[], object], limit_s: float = 120.0, pause_s: float = 0.02) -> bool:
    """Poll until a condition holds; false when it did not within a generous limit."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(pause_s)
    return False
