"""Colours: contrast of text, and difference for people who see red and green alike."""

from __future__ import annotations

import re
from importlib import resources
from itertools import combinations

import pytest

from optimizer.report import palette
from tests.report.fixtures.colour import DEUTAN, NORMAL, PROTAN, Rgb, contrast, distance

EYES = {"normal": NORMAL, "protanopia": PROTAN, "deuteranopia": DEUTAN}


def test_known_contrasts() -> None:
    """The ruler itself: black on white is 21, equal colours 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", palette.TEXT_ON_PAPER)
def test_text_is_readable(name: str) -> None:
    """At least 4.5 : 1 on paper and on shaded ground."""
    for ground in (palette.PAPER, palette.SHADE):
        assert contrast(palette.TEXT_ON_PAPER[name], ground) >= 4.5


def test_text_on_the_darkest_shaded_cell_is_readable() -> None:
    """The matrix shades cells with up to 40 % blue."""
    mixed = [round(0.4 * int(palette.GOOD[i : i + 2], 16) + 0.6 * 255) for i in (1, 3, 5)]
    assert contrast(palette.INK, "#" + "".join(f"{c:02x}" for c in mixed)) >= 7


@pytest.mark.parametrize("eye", EYES.values(), ids=EYES)
def test_meanings_differ_for_every_eye(eye: tuple[Rgb, Rgb, Rgb]) -> None:
    """Cheaper and dearer, leaving and arriving, load and base: far apart; what opens has a shape of its own besides."""
    for a, b in ((palette.GOOD, palette.BAD), (palette.BASE, palette.GOOD), (palette.GOOD, palette.INK)):
        assert distance(a, b, eye) >= 30
    for a, b in combinations((palette.GOOD, palette.BAD, palette.NEW, palette.BASE), 2):
        assert distance(a, b, eye) >= 15


def _style() -> str:
    return resources.files("optimizer.report").joinpath("templates", "page.css").read_text(encoding="utf-8")


def test_dark_text_is_readable() -> None:
    """The colours for a dark screen: text at least 4.5 : 1 on all grounds, shapes 3 : 1."""
    dark = dict(re.findall(r"--(\w+):(#\w{6})", _style().partition("prefers-color-scheme:dark")[2].partition("}")[0]))
    for name in palette.TEXT_ON_PAPER:
        assert min(contrast(dark[name], dark[ground]) for ground in ("paper", "card", "sunk")) >= 4.5, name
    for name in ("blue", "green", "out", "base"):
        assert contrast(dark[name], dark["card"]) >= 3, name


def test_style_sheet_uses_the_palette() -> None:
    """The variables of the style sheet are the tested colours."""
    wanted = {"line": palette.GRID, "sunk": palette.SHADE, "card": palette.PAPER, "blue": palette.GOOD}
    wanted |= {"green": palette.NEW, "out": palette.BAD, "base": palette.BASE, **palette.TEXT_ON_PAPER}
    for name, colour in wanted.items():
        assert f"--{name}:{colour};" in _style()
