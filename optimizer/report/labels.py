"""Where to write names on a map so that they hide neither each other nor the sites."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Label", "place_labels"]

_ANGLES = (0, 180, 315, 45, 225, 135, 270, 90, 337, 23, 203, 157)
_GAPS = (5.0, 14.0, 26.0, 40.0, 56.0)
_CHAR, _HEIGHT = 7.4, 15.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """A text box (left, middle) and whether a leader line joins it to its site."""

    text: str
    x: float
    y: float
    leader: tuple[float, float] | None


def place_labels(sites: Sequence[tuple[str, float, float, float]], width: float, height: float) -> list[Label]:
    """Place a label near each site, the first ones first; those without room are left out.

    Parameters
    ----------
    sites : sequence of (text, x, y, radius)
        In order of importance.
    width, height : float
        Size of the map.
    """
    taken: list[Box] = [(x - r, y - r, x + r, y + r) for _, x, y, r in sites]
    labels: list[Label] = []
    for own, (text, x, y, radius) in enumerate(sites):
        spot = _find(text, (x, y, radius), taken, own, (width, height))
        if spot is None:
            continue
        box, gap = spot
        taken.append(box)
        near = (min(max(x, box[0]), box[2]), min(max(y, box[1]), box[3]))
        labels.append(Label(text, box[0], (box[1] + box[3]) / 2, near if gap > _GAPS[1] else None))
    return labels


def _find(
    text: str, site: tuple[float, float, float], taken: list[Box], own: int, size: tuple[float, float]
) -> tuple[Box, float] | None:
    x, y, radius = site
    wide = _CHAR * len(text)
    for gap in _GAPS:
        for angle in _ANGLES:
            dx, dy = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            cx = x + dx * (radius + gap + wide / 2)
            cy = y + dy * (radius + gap + _HEIGHT / 4)
            box = (cx - wide / 2, cy - _HEIGHT / 2, cx + wide / 2, cy + _HEIGHT / 2)
            inside = box[0] >= 2 and box[1] >= 2 and box[2] <= size[0] - 2 and box[3] <= size[1] - 2
            if inside and not any(_meet(box, other) for i, other in enumerate(taken) if i != own):
                return box, gap
    return None


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
