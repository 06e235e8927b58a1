"""Colours of drawings and text, after Okabe and Ito; the tests compute contrast and colour-blind distance.

The style sheet of the pages has the same ones, with a set of its own for dark screens.
"""

from __future__ import annotations

__all__ = ["BAD", "BASE", "GOOD", "GRID", "INK", "LAND", "MUTED", "NEW", "OTHER", "PAPER", "SHADE", "TEXT_ON_PAPER"]

PAPER = "#ffffff"
SHADE = "#f0f1ef"
INK = "#17202a"
MUTED = "#4b5763"
GRID = "#dde0e2"
LAND = "#e6e8e6"
BASE = "#9aa3ab"
"""Work for clients outside the case; anything that is only context."""
GOOD = "#0072b2"
"""This plan; cheaper, fewer, kept."""
NEW = "#008a65"
"""What opens in this plan; its shape is a diamond."""
BAD = "#c65200"
"""Dearer, more, broken. Never the only sign: words or signs go with it."""
OTHER = "#7b8791"

TEXT_ON_PAPER = {"ink": INK, "ink2": MUTED, "act": "#005a94", "bad": "#a33c00", "warn": "#6f4e00", "ok": "#00664b"}
"""Every colour that text is set in, on ``PAPER`` and on ``SHADE``."""
