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
def test_series_differ_for_every_eye(eye: tuple[Rgb, Rgb, Rgb]) -> None:
    """Any two providers on the map are told apart."""
    for a, b in combinations((*palette.SERIES, palette.OTHER), 2):
        assert distance(a, b, eye) >= 15, (a, b)


@pytest.mark.parametrize("eye", EYES.values(), ids=EYES)
def test_meanings_differ_for_every_eye(eye: tuple[Rgb, Rgb, Rgb]) -> None:
    """Cheaper and dearer, leaving and arriving, load and base: far apart."""
    pairs = ((palette.GOOD, palette.BAD), (palette.SERIES[1], palette.GOOD), (palette.BASE, palette.GOOD))
    for a, b in (*pairs, (palette.GOOD, palette.INK), (palette.BAD, palette.INK)):
        assert distance(a, b, eye) >= 40


def test_dark_text_is_readable() -> None:
    """The colours for a dark screen: text at least 4.5 : 1 on both grounds, shapes 3 : 1."""
    style = resources.files("optimizer.report").joinpath("templates", "page.css").read_text(encoding="utf-8")
    dark = dict(re.findall(r"--(\w+):(#\w{6})", style.partition("prefers-color-scheme:dark")[2].partition("}")[0]))
    for name in ("ink", "muted", "good", "bad"):
        assert min(contrast(dark[name], dark[ground]) for ground in ("paper", "shade")) >= 4.5, name
    for name in ("blue", "out", "base"):
        assert contrast(dark[name], dark["paper"]) >= 3, name


def test_style_sheet_uses_the_palette() -> None:
    """The variables of the style sheet are the tested colours."""
    style = resources.files("optimizer.report").joinpath("templates", "page.css").read_text(encoding="utf-8")
    wanted = {"ink": palette.INK, "muted": palette.MUTED, "line": palette.GRID, "shade": palette.SHADE}
    wanted |= {"good": palette.TEXT_ON_PAPER["good"], "bad": palette.TEXT_ON_PAPER["bad"], "blue": palette.GOOD}
    for name, colour in wanted.items():
        assert f"--{name}:{colour};" in style
