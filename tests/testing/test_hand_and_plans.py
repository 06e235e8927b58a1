"""Cases by hand, random plans, and the assertion: what each promises, kept and broken."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import subprocess
import sys
from random import Random
from typing import Any

import pytest

import optimizer.testing
from optimizer.stating import price_case
from optimizer.testing import assert_verified, good_plan, random_case, random_cases, random_plan, tightened
from optimizer.testing.hand import changed, two_by_two, with_policy
from optimizer.verify import Evaluator

GOOD = [("E1", "pay", "P1"), ("E2", "pay", "P2")]


def test_a_plan_that_holds_passes() -> None:
    assert_verified(two_by_two(), price_case(two_by_two(), GOOD))


def test_every_broken_rule_is_told() -> None:
    case = with_policy(changed(two_by_two(), "offers", ("P1", "pay"), capacity=999.0), max_moves=0)
    with pytest.raises(AssertionError, match="line_capacity: pay, P1: 1,000 on a line for 999"):
        assert_verified(case, price_case(case, GOOD))


def test_every_figure_that_departs_is_told() -> None:
    plan: dict[str, Any] = json.loads(json.dumps(price_case(two_by_two(), GOOD)))
    plan["cost"]["total"] += 1
    with pytest.raises(AssertionError, match=r"cost\.total: says 40001.0, is 40000.0"):
        assert_verified(two_by_two(), plan)


def test_a_row_that_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(KeyError, match="offers has no row"):
        changed(two_by_two(), "offers", ("P9", "pay"), capacity=1.0)


def test_good_plans_keep_every_rule_and_tightened_cases_bind() -> None:
    kept = bound = 0
    for seed, case in random_cases(40, rich=True, without=("allow_unserved",)):
        rows, evaluator = good_plan(case, Random(seed)), Evaluator(case)
        kept += rows is not None
        assert rows is None or not evaluator.violations(rows)
        some = random_plan(case, Random(seed))
        tight = tightened(case, some, Random(seed))
        others = [random_plan(tight, Random(n)) for n in range(5)]
        bound += any(Evaluator(tight).violations(o) for o in others)
    assert kept > 5
    assert bound > 20


def test_figures_of_every_kind_are_drawn_for_the_same_seed() -> None:
    kinds = [random_case(3, figures=figures) for figures in ("usual", "mixed", "tight")]
    assert len({case.case_hash for case in kinds}) == 3
    assert [random_case(3, figures=f) for f in ("usual", "mixed", "tight")] == kinds


@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(optimizer.testing.__path__)])
def test_examples_in_docstrings_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(f"optimizer.testing.{name}"))
    assert not failed


def test_no_test_library_is_imported() -> None:
    code = "import sys, optimizer.testing; print([m for m in ('pytest', 'hypothesis', 'unittest') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
