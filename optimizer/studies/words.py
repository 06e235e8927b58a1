"""Figures in sentences, never surer than what is known of them."""

from __future__ import annotations

import math

__all__ = ["rounded", "span"]


def rounded(value: float, width: float) -> float:
    """A figure rounded to the largest power of ten within a tenth of its interval; to cents at least."""
    step = 10.0 ** math.floor(math.log10(width / 10)) if width > 0 else 0.01
    step = max(step, 0.01)
    return round(value / step) * step


def span(lower: float | None, upper: float | None, currency: str) -> str:
    """Both ends in words."""
    if upper is None:
        return "unknown" if lower is None else f"at least {currency} {lower:,.0f}"
    if lower is None:
        return f"at most {currency} {upper:,.0f}"
    width = upper - lower
    low, high = rounded(lower, width), rounded(upper, width)
    return f"{currency} {high:,.0f}" if low == high or width <= 0.01 else f"{currency} {low:,.0f} to {high:,.0f}"
