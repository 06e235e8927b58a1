"""Ctrl-C: while there is a plan to keep, the first one asks for it and the second ends the command at once."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

__all__ = ["Interrupted", "Interrupts", "end_at_once"]

_NOTE = b"\ndesignate: stopping, the best plan so far is kept; once more to end at once\n"


class Interrupted(BaseException):
    """The user wants out. Not a ``KeyboardInterrupt``: the argument parser ends those its own way."""


def end_at_once() -> None:
    """Let Ctrl-C and a polite kill raise ``Interrupted`` from now on, unless the caller has them ignored."""
    _handle(_raise)


class Interrupts:
    """Context manager, and the ``cancelled`` of a solve: true once the user has asked to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        self._before = _handle(self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        return self.asked

    def _note(self, *_: object) -> None:
        if self.asked:
            raise Interrupted
        self.asked = True
        os.write(2, _NOTE)  # not through sys.stderr, which may be in the middle of a write


def _raise(*_: object) -> None:
    raise Interrupted


def _handle(handler: Callable[..., None]) -> dict[int, Any]:
    before = {int(n): signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)}
    mine = {n: h for n, h in before.items() if h is not signal.SIG_IGN}
    for number in mine:
        signal.signal(number, handler)
    return mine
