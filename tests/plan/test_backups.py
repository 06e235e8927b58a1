"""Backups for plans that name none: found wherever there are any that keep the rule."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from optimizer.domain.case import Case
from optimizer.domain.types import Demand, Offer
from optimizer.model.build import build_problem
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.plan.backups import with_backups
from optimizer.stating import price_case
from optimizer.testing.hand import BANGKOK, GENEVA, NEW_YORK, VIENNA, case, entity, provider, service
from optimizer.verify.checker import Evaluator
from tests.effort import few

PLACES = (
    (VIENNA, "Europe/Vienna"),
    (NEW_YORK, "America/New_York"),
    (BANGKOK, "Asia/Bangkok"),
    (GENEVA, "Europe/Zurich"),
)


def reserve(volumes: list[float], lines: list[float | None], sites: list[float | None]) -> Case:
    """One critical service; a provider for each line and site."""
    names = [f"P{i}" for i in range(len(lines))]
    return case(
        [entity(f"E{i:02d}") for i in range(len(volumes))],
        [service(critical=True)],
        [Demand(f"E{i:02d}", "pay", v) for i, v in enumerate(volumes)],
        [provider(n, *PLACES[i], capacity_fte=sites[i]) for i, n in enumerate(names)],
        [Offer(n, "pay", capacity=lines[i]) for i, n in enumerate(names)],
        backup=True,
    )


def fits(c: Case, problem: Problem, choice: Choice) -> bool:
    return not Evaluator(c).violations(problem.decode(choice))


@pytest.mark.parametrize(("lines", "sites"), [([None, 1500.0, None], [None] * 3), ([None] * 3, [None, 1.5, 9.0])])
def test_a_line_or_site_without_room_is_not_named(lines: list[float | None], sites: list[float | None]) -> None:
    c = reserve([1000.0] * 3, lines, sites)
    plan = price_case(c, [(f"E{i:02d}", "pay", f"P{i}") for i in range(3)])
    assert plan["status"]["solution"] == "feasible"
    assert plan["assignments"][0]["backup"] == "P2"


def test_what_is_named_already_takes_room() -> None:
    c = reserve([1000.0] * 4, [None, 2000.0, None], [None] * 3)
    rows = [("E00", "pay", "P0", "P1"), ("E01", "pay", "P0"), ("E02", "pay", "P1"), ("E03", "pay", "P2")]
    plan = price_case(c, rows)
    assert plan["status"]["solution"] == "feasible"
    assert [a["backup"] for a in plan["assignments"][:2]] == ["P1", "P2"]


@pytest.mark.parametrize(("room", "solution"), [(6.0, "feasible"), (5.0, "infeasible")])
def test_large_first_is_not_the_last_word(room: float, solution: str) -> None:
    """3, 3, 2, 2 and 2 fall to two lines with room for 6: 3 and 3, and the rest, which large first would not find."""
    c = reserve([3.0, 3.0, 2.0, 2.0, 2.0, 1.0, 1.0], [None, 1.0 + room, 7.0], [None] * 3)
    rows = [(f"E{i:02d}", "pay", p) for i, p in enumerate(["P0"] * 5 + ["P1", "P2"])]
    assert price_case(c, rows)["status"]["solution"] == solution


@pytest.mark.parametrize("seed", few(range(60), 15))
def test_found_where_enumeration_finds_any(seed: int) -> None:
    rng = Random(seed)
    volumes = [float(rng.randint(1, 6)) for _ in range(rng.randint(3, 6))]
    most = sum(volumes)
    lines = [None if rng.random() < 0.3 else round(rng.uniform(0.5, 1.0) * most) for _ in range(rng.choice((3, 4)))]
    c = reserve(volumes, [None if v is None else float(v) for v in lines], [None] * len(lines))
    problem = build_problem(c)
    choice = problem.encode([(d.entity, d.service, f"P{rng.randrange(len(lines))}", "") for d in c.demands])
    namings = itertools.product(range(len(lines)), repeat=len(volumes))
    possible = any(fits(c, problem, Choice(choice.provider, choice.backup * 0 + list(n))) for n in namings)
    assert fits(c, problem, Choice(choice.provider, with_backups(problem, choice))) == possible
