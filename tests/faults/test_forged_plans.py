"""Plans that were changed by hand: the verifier says where, and no other command goes by them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import data
from optimizer.domain.case import Case
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_case
from optimizer.plan.reading import faults, figure_faults
from optimizer.stating import check_plan
from optimizer.tables import read_case
from optimizer.verify import Evaluator
from tests.cli.terminal import inside
from tests.effort import here_and_there

Plan = dict[str, Any]


@pytest.fixture(scope="module")
def tiny() -> Case:
    return read_case(data.case_path("tiny"))[0]


@pytest.fixture(scope="module")
def plan(tiny: Case) -> Plan:
    return solve_case(tiny, SolveParams(backend="highs"))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places of all single values, of each list only in its first row."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for k, inner in enumerate(value[:1]):
            yield from leaves(inner, (*path, k))
    else:
        yield path


def put(plan: Plan, path: tuple[Any, ...], value: Any) -> Plan:
    forged = copy.deepcopy(plan)
    place: Any = forged
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return forged


VALUES = (1e308, -1e308, 10**400, "abc", None, [], {"a": 1}, True, float("nan"))


@pytest.mark.parametrize("value", here_and_there(VALUES, 3), ids=lambda v: repr(v)[:8])
def test_the_verifier_falls_over_nothing(tiny: Case, plan: Plan, value: Any) -> None:
    """A mismatch wherever a figure is checked; never an exception, in whatever place."""
    places, judge = list(leaves(plan)), Evaluator(tiny)
    assert len(places) > 130
    for path in places:
        report = judge.verify(put(plan, path, value), runner_ups=False, sealed=True)
        if path[0] in ("cost", "savings", "assignments") and "runner_up" not in path and value not in (None, []):
            assert not report.ok, path


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("run", "seed"), "hacked"),
        (("run", "seed"), True),
        (("run", "id"), 7),
        (("run", "name"), None),
        (("run", "tags"), "a"),
        (("run", "created"), []),
        (("run", "limits"), None),
        (("run", "solver"), "x"),
        (("bounds", "best_bound"), float("nan")),
        (("bounds", "best_bound"), True),
    ],
)
def test_what_no_case_tells_is_at_least_of_the_right_type(
    tiny: Case, plan: Plan, place: tuple[str, ...], value: Any
) -> None:
    mismatches = check_plan(tiny, put(plan, place, value)).mismatches
    assert ".".join(place) in {m.path for m in mismatches}


def test_a_plan_as_it_was_written_is_believed(tiny: Case, plan: Plan) -> None:
    assert faults(plan) == []
    assert figure_faults(tiny, plan) == []


FORGED: dict[str, tuple[Callable[[Plan], Any], str]] = {
    "total": (lambda p: p["cost"].update(total=1), "cost.total"),
    "objective": (lambda p: p["bounds"].update(objective=1.0), "bounds.objective"),
    "a cost that is text": (lambda p: p["assignments"][2]["cost"].update(own="abc"), "assignments[2].cost.own"),
    "a cost beyond floats": (lambda p: p["cost"].update(total=10**400), "cost.total"),
    "no number": (lambda p: p["cost"].update(service=float("nan")), "cost.service"),
    "a leaf": (lambda p: p["assignments"][0]["cost"].update(service=0.0), "cost.service"),
    "rows that are none": (lambda p: p.update(assignments=[None, 5]), "assignments[0]"),
    "no rows": (lambda p: p.pop("assignments"), "assignments"),
    "a demand twice": (lambda p: p["assignments"].append(p["assignments"][0]), "assignments[7]"),
    "a provider that is a number": (lambda p: p["assignments"][0].update(provider=3), "assignments[0].provider"),
}


@pytest.fixture(params=FORGED)
def forged(request: pytest.FixtureRequest, plan: Plan, tmp_path: Path) -> tuple[Path, str]:
    change, place = FORGED[request.param]
    wrong = copy.deepcopy(plan)
    change(wrong)
    file = tmp_path / "forged.json"
    file.write_text(json.dumps(wrong), encoding="utf-8")
    return file, place


def test_every_command_refuses_it_and_names_the_place(forged: tuple[Path, str], plan: Plan, tmp_path: Path) -> None:
    file, place = forged
    good = tmp_path / "good.json"
    good.write_text(json.dumps(plan), encoding="utf-8")
    for words in (
        ("reoptimise", "tiny", file, "tiny"),
        ("diff", good, file),
        ("why", "tiny", "ALPHA", "payroll", "--plan", file),
    ):
        result = inside(*words, "--json")
        assert result.returncode == 2, words
        (first, *_) = result.json["issues"]
        assert (first["code"], first["column"], first["file"]) == ("plan_not_readable", place, "forged.json"), words
    assert inside("verify", "tiny", file).returncode == 5


def test_figures_are_held_against_the_case(tiny: Case, plan: Plan) -> None:
    """A forgery that agrees with itself: half the price, all the way up."""
    cheap = copy.deepcopy(plan)
    for block in (cheap["cost"], *(a["cost"] for a in cheap["assignments"])):
        block.update({term: amount / 2 for term, amount in block.items()})
    cheap["bounds"]["objective"] /= 2
    assert faults(cheap) == []
    assert any(f.place == "cost.service" for f in figure_faults(tiny, cheap))
