"""Pieces of drawings over time. SVG for shapes, HTML for words, so that text keeps its size on a phone.

Everything that comes from a case is escaped here; the rest of a page takes these texts as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import escape

from optimizer.report.language import said_in
from optimizer.report.naming import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.report.time.periods import Periods

__all__ = ["axis", "canvas", "key", "safe", "step"]


def safe(text: str, language: str = "en") -> str:
    """Text of a case, or a sentence in a language, fit for the inside of an element."""
    return str(escape(clean(said_in(text, language))))


def axis(when: Periods) -> str:
    """Names of the years under or over a drawing as wide as the horizon."""
    marks = "".join(f'<span style="left:{100 * at:.2f}%">{safe(text)}</span>' for at, text in when.ticks)
    return f'<div class="ticks" aria-hidden="true">{marks}</div>'


def canvas(inside: str, label: str, when: Periods, name: str = "", *, language: str = "en") -> str:
    """A drawing of 100 by 100 units that takes any width; fine lines where the years of the axis begin."""
    lines = "".join(f'<path class="g" d="M{100 * at:.2f},0V100"/>' for at, _ in when.ticks)
    return (
        f'<svg class="over {name}" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" '
        f'aria-label="{safe(label, language)}">{lines}{inside}</svg>'
    )


def step(values: Sequence[float | None], high: float) -> str:
    """Path of a figure that stays the same within each period; ``None`` leaves a gap."""
    width, out, on = 100 / len(values), "", False
    for i, value in enumerate(values):
        if value is None:
            on = False
            continue
        y = 100 - 100 * value / high
        out += f"{'L' if on else 'M'}{i * width:.2f},{y:.2f}H{(i + 1) * width:.2f}"
        on = True
    return out


def key(*marks: tuple[str, str], language: str = "en") -> str:
    """What the colours and lines of a drawing mean: class of the mark, and words."""
    items = "".join(f'<span><i class="{name}"></i>{safe(text, language)}</span>' for name, text in marks)
    return f'<p class="key">{items}</p>'
