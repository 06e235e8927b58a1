"""The progress line forgets nothing that was known of a solve, and everything when another begins."""

from __future__ import annotations

import pytest

from optimizer.cli.progress import ProgressLine
from optimizer.solvers.accept.standing import Standing
from optimizer.solvers.base import Incumbent, Progress


class Told:
    """Stands in for the line on the screen."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def update(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def screen(monkeypatch):
    line = ProgressLine(quiet=True)
    line._status = Told()  # type: ignore[assignment]
    return line, line._status.lines  # type: ignore[union-attr]


def test_a_bound_and_a_plan_that_were_known_stay(screen):
    line, lines = screen
    for news in (
        Progress(1.0, None, 90.0, "relaxation"),
        Progress(2.0, 120.0, None, "search"),  # another backend, which knows no bound
        Incumbent(None, 110.0),  # type: ignore[arg-type]
        Progress(3.0, 130.0, 80.0, "again from the start"),
        Progress(4.0, None, None, ""),
    ):
        line(news)
    assert "bound 90" in lines[0]
    assert all("bound 90" in text for text in lines)
    assert "plan 120" in lines[1]
    assert all("plan 110" in text and "gap 20 (18.18%)" in text for text in lines[2:])
    assert "again from the start" in lines[-1]


def test_another_solve_begins_with_nothing(screen):
    """Moves of a first step are no money, and a bound of one budget is none of the next."""
    line, lines = screen
    line.begin("fewest moves", figures=False)
    line(Progress(1.0, 3.0, 2.0, "search"))
    assert "fewest moves" in lines[-1]
    assert "plan" not in lines[-1]
    line.begin("least cost, 0 extra moves")
    assert "no plan yet" in lines[-1]
    line(Progress(1.0, 5000.0, None, "search"))
    assert "plan 5,000" in lines[-1]
    assert "bound" not in lines[-1]


def test_the_gap_is_never_below_zero():
    known = Standing()
    assert known.gap is None
    known.take(Progress(1.0, 100.0, 100.5))
    assert known.gap == 0.0
