"""A second thread of one solve."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Beside"]


class Beside(threading.Thread):
    """A thread whose failure is raised where it is joined."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(name="engine-beside", daemon=True)
        self.work = work
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:
            self.failure = error

    def finish(self) -> None:
        """Wait for the end."""
        self.join()
        if self.failure is not None:
            raise self.failure
