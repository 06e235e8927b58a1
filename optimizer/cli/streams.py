"""Standard output and error that are closed, or whose other end is gone or full."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

__all__ = ["open_streams", "to_nowhere", "written"]


def open_streams() -> None:
    """Give a command that was started with closed standard streams ones that lead nowhere."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open to the end)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def to_nowhere() -> None:
    """Let what is still to be written to standard output go nowhere, so that it fails no second time."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def written(text: str) -> bool:
    """Whether standard output took a text and all that was on its way; it fails no second time."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        to_nowhere()
        return False
    return True
