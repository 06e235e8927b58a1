"""What every backend needs when it goes from a program to a solver and back."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.errors import BackendRefused
from optimizer.solvers.base import Incumbent, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from optimizer.model.program.program import Program
    from optimizer.solvers.base import Request

__all__ = ["Clock", "box_minimum", "feasible_start", "rounded", "set_options", "watching", "without_columns"]

POLL_S = 0.05


class Clock:
    """Time since a backend was called; translating the program counts against the limit too."""

    def __init__(self, limit_s: float | None) -> None:
        self._began, self._limit = time.monotonic(), limit_s

    def elapsed(self) -> float:
        """Seconds so far."""
        return time.monotonic() - self._began

    def left(self) -> float | None:
        """Seconds until the limit, not below 0; ``None`` without one."""
        return None if self._limit is None else max(0.0, self._limit - self.elapsed())


def rounded(program: Program, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round the integer columns to the nearest whole number, as a new array."""
    return np.where(program.integer, np.rint(values), values)


def box_minimum(program: Program) -> float:
    """Least objective over the column bounds alone; finite means the program is not unbounded."""
    worst = np.where(program.c > 0, program.lower, program.upper)
    active = program.c != 0
    return float(program.c[active] @ worst[active]) + program.offset


def set_options(common: Mapping[str, object], own: Mapping[str, Any], target: Any, solver: str) -> None:
    """Set options as attributes of ``target``: the common ones, then the caller's own, which win."""
    for key, value in {**common, **own}.items():
        if not hasattr(target, key):
            raise BackendRefused(f"{solver} does not take the option {key}", "backend_options")
        try:
            setattr(target, key, value)
        except (TypeError, ValueError) as error:
            raise BackendRefused(f"{solver} does not take {key} = {value!r}: {error}", "backend_options") from error


def feasible_start(request: Request) -> Incumbent | None:
    """The start as a first incumbent when it keeps every row, so that it survives any limit or kill."""
    program = request.program
    if program is None or request.start is None:
        return None
    values = rounded(program, program.encode(request.start))
    room = 1e-9 * np.maximum(1.0, np.abs(values))
    activity, size = program.a @ values, abs(program.a) @ np.abs(values)
    slack = 1e-9 * np.maximum(1.0, size)
    inside = (values >= program.lower - room).all() and (values <= program.upper + room).all()
    kept = (activity >= program.row_lower - slack).all() and (activity <= program.row_upper + slack).all()
    return Incumbent(request.start, program.objective(values)) if inside and kept else None


def without_columns(request: Request) -> Outcome | None:
    """Answer for a program that leaves nothing to decide; ``None`` when there are columns."""
    program = request.program
    if program is None or program.n_columns:
        return None
    if (program.row_lower > 0).any() or (program.row_upper < 0).any():
        return Outcome("finished", "nothing to decide and a row that cannot hold", infeasible=True)
    choice = program.decode(np.zeros(0))
    return Outcome("finished", "nothing to decide", choice, program.offset, program.offset)


@contextlib.contextmanager
def watching(cancelled: Callable[[], bool], stop: Callable[[], object]) -> Iterator[None]:
    """Poll ``cancelled`` from a thread while the solver runs and call ``stop`` once it is true."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(POLL_S):
            if cancelled():
                stop()

    thread = threading.Thread(target=watch, name="cancel-watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
