"""Figures in sentences, never surer than what is known of them."""

from __future__ import annotations

import math

__all__ = ["span", "step_of"]


def step_of(width: float) -> float:
    """Largest power of ten within a tenth of an interval; a cent at least."""
    return max(0.01, 10.0 ** math.floor(math.log10(width / 10))) if width > 0.01 else 0.01


def span(lower: float | None, upper: float | None, currency: str) -> str:
    """Both ends in words: the lower one rounded down, the upper one up, so that what is said holds.

    Parameters
    ----------
    lower, upper : float, optional
        Money; ``None``: not known.
    currency : str
    """
    if lower is None or upper is None:
        only = lower if upper is None else upper
        if only is None:
            return "unknown"
        return (
            f"at least {currency} {_down(only, 1.0):,.0f}"
            if upper is None
            else f"at most {currency} {_up(only, 1.0):,.0f}"
        )
    if upper - lower <= 0.01:
        return f"{currency} {upper:,.2f}"
    step = step_of(upper - lower)
    digits = 2 if step < 1 else 0
    return f"{currency} {_down(lower, step):,.{digits}f} to {_up(upper, step):,.{digits}f}"


def _down(value: float, step: float) -> float:
    return math.floor(value / step + 1e-9) * step


def _up(value: float, step: float) -> float:
    return math.ceil(value / step - 1e-9) * step
