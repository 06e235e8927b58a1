"""The jobs that this process works on: so that a stopping worker can wait, and a forgotten job is found."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["InFlight"]


class InFlight:
    """Counts runs by job; a job is in hand from before its claim until after its last write."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._idle = threading.Condition()

    @contextmanager
    def hold(self, job_id: str) -> Iterator[None]:
        """Around one run of a job."""
        with self._idle:
            self._held[job_id] += 1
        try:
            yield
        finally:
            with self._idle:
                self._held[job_id] -= 1
                self._held += Counter()  # drops what is at zero
                self._idle.notify_all()

    def __contains__(self, job_id: object) -> bool:
        """Whether a run of the job is under way here."""
        with self._idle:
            return job_id in self._held

    def wait(self, timeout_s: float) -> bool:
        """Wait until nothing runs."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._held, timeout_s)
