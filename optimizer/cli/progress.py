"""Progress of a solve on standard error: elapsed, incumbent, bound, gap. When not a terminal: notices alone."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from optimizer.backends.base import Incumbent

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.status import Status

    from optimizer.backends.base import Progress

__all__ = ["ProgressLine"]


class ProgressLine:
    """Context manager and callback; one line that rewrites itself."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._began = time.monotonic()
        self._incumbent: float | None = None
        self._bound: float | None = None
        self._phase = "starting"
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if not self._quiet:
            from rich.console import Console

            self._status = Console(stderr=True).status(self._text(), spinner="dots")
            self._status.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, news: Incumbent | Progress) -> None:
        """Take an incumbent or a progress report."""
        if isinstance(news, Incumbent):
            self._incumbent = news.objective if self._incumbent is None else min(self._incumbent, news.objective)
        else:
            self._phase = news.phase or self._phase
            if news.notice and self._status is None:
                print(f"{news.phase} ...", file=sys.stderr, flush=True)  # noqa: T201 (a wait needs its reason)
            self._incumbent = news.incumbent if news.incumbent is not None else self._incumbent
            if news.bound is not None:
                self._bound = news.bound if self._bound is None else max(self._bound, news.bound)
        if self._status is not None:
            self._status.update(self._text())

    def _text(self) -> str:
        elapsed = time.monotonic() - self._began
        parts = [f"{elapsed:6.1f} s", self._phase]
        parts.append("no plan yet" if self._incumbent is None else f"plan {self._incumbent:,.0f}")
        if self._bound is not None:
            parts.append(f"bound {self._bound:,.0f}")
            if self._incumbent is not None:
                gap = max(0.0, self._incumbent - self._bound)
                parts.append(f"gap {gap:,.0f} ({gap / max(abs(self._incumbent), 1.0):.2%})")
        return "  ".join(parts)
