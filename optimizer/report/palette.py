"""Colours of charts and text, after Okabe and Ito; the tests compute contrast and colour-blind distance."""

from __future__ import annotations

__all__ = ["BAD", "BASE", "GOOD", "GRID", "INK", "LAND", "MUTED", "OTHER", "PAPER", "SERIES", "SHADE", "TEXT_ON_PAPER"]

PAPER = "#ffffff"
SHADE = "#f4f6f8"
INK = "#17222c"
MUTED = "#55626e"
GRID = "#dde3e8"
LAND = "#dde2e6"
BASE = "#b3bec7"
"""Work for clients outside the case; anything that is only context."""
GOOD = "#0072b2"
"""Cheaper, fewer, kept."""
BAD = "#d55e00"
"""Dearer, more, broken. Never the only sign: words or signs go with it."""
OTHER = "#59636d"

SERIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#4b2a7b")
"""Providers on the map, largest first; the others share ``OTHER``."""

TEXT_ON_PAPER = {"ink": INK, "muted": MUTED, "good": "#00598c", "bad": "#a34700", "link": "#00598c"}
"""Every colour that text is set in, on ``PAPER`` and on ``SHADE``."""
