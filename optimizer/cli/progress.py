"""Progress of a solve on standard error: elapsed, best plan, best bound, gap. Notices alone when not a terminal."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from optimizer.solvers.accept.standing import Standing

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.status import Status

    from optimizer.solvers.base import Incumbent, Progress

__all__ = ["ProgressLine"]


class ProgressLine:
    """Context manager and callback; one line that rewrites itself.

    Parameters
    ----------
    quiet : bool
        Show nothing.
    title : str
        What is being solved, where there are several.
    """

    def __init__(self, *, quiet: bool = False, title: str = "") -> None:
        self._quiet = quiet or not sys.stderr.isatty()
        self._title = title
        self._began = time.monotonic()
        self._standing = Standing("starting")
        self._figures = True
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
        if getattr(news, "notice", False) and self._status is None:
            print(f"{getattr(news, 'phase', '')} ...", file=sys.stderr, flush=True)  # noqa: T201 (a wait needs its reason)
        self._standing.take(news)
        self._show()

    def begin(self, title: str, *, figures: bool = True) -> None:
        """Another solve begins: what was known of the one before says nothing about it.

        ``figures``: what is reported is money; otherwise the title stands alone.
        """
        self._title, self._figures = title, figures
        self._standing = Standing("starting")
        self._show()

    def _show(self) -> None:
        if self._status is not None:
            self._status.update(self._text())

    def _text(self) -> str:
        known = self._standing
        parts = [f"{time.monotonic() - self._began:6.1f} s", *([self._title] if self._title else [])]
        if not self._figures:
            return "  ".join(parts)
        parts += [known.phase, "no plan yet" if known.incumbent is None else f"plan {known.incumbent:,.0f}"]
        if known.bound is not None:
            parts.append(f"bound {known.bound:,.0f}")
        if known.gap is not None and known.incumbent is not None:
            parts.append(f"gap {known.gap:,.0f} ({known.gap / max(abs(known.incumbent), 1.0):.2%})")
        return "  ".join(parts)
