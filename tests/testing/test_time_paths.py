"""Random dynamic cases, and every path of one: the search leaves out nothing that might be best."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod

import pytest

from optimizer.domain.case import Case
from optimizer.domain.names import TIME_ONE_OFFS, TIME_TERMS
from optimizer.testing import PathFound, best_path, random_dynamic_case
from optimizer.testing.time_paths import MAX_PATHS, count_paths
from optimizer.verify.time import TimeEvaluator, TimeRow
from tests.effort import share

SEEDS = range(120)
FEW = 3000


def raw(case: Case) -> list[list[list[TimeRow]]]:
    """For each demand every choice of sources that have a price, and of backups where one is needed."""
    ev, out = TimeEvaluator(case), []
    for key, periods in ev.facts.present.items():
        options = []
        for t in periods:
            p = ev.facts.at(t)
            d = p.demands[key]
            sources = [s for s in p.facts.eligibility.candidates(d.row) if p.facts.has_price(d.row, s)]
            backups = ["", *(p.facts.sites if d.critical else ())]
            options.append([(*key, t, s, q) for s in sources for q in backups])
        out.append([list(path) for path in product(*options)])
    return out


def best_of_all(case: Case, paths: list[list[list[TimeRow]]]) -> float | None:
    ev = TimeEvaluator(case)
    plans = ([row for path in chosen for row in path] for chosen in product(*paths))
    return min((ev.cost(rows).objective for rows in plans if not ev.violations(rows)), default=None)


def test_the_search_finds_what_trying_everything_finds() -> None:
    tried, found = 0, 0
    for seed in range(share(250, 5)):
        case = random_dynamic_case(seed)
        paths = raw(case)
        if prod(map(len, paths)) > FEW // 10:
            continue
        tried += 1
        best, all_of_it = best_path(case), best_of_all(case, paths)
        found += best is not None
        assert (None if best is None else best.objective) == (None if all_of_it is None else pytest.approx(all_of_it))
    assert tried > share(40, 5)
    assert found > share(15, 5)


def test_the_same_seed_gives_the_same_case() -> None:
    assert random_dynamic_case(5, feasible=True) == random_dynamic_case(5, feasible=True)
    assert random_dynamic_case(5) != random_dynamic_case(6)


def test_cases_are_small_and_have_everything_now_and_then() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        case = random_dynamic_case(seed)
        policy = case.policy
        assert policy.horizon is not None
        assert count_paths(case) > 0 or best_path(case) is None
        assert count_paths(case) <= MAX_PATHS
        tables = ("paths", "profiles", "staffing", "freezes", "precedence", "budgets", "commitments", "decisions")
        seen.update(name for name in tables if getattr(case, name))
        seen.update((policy.horizon.unit, f"periods {policy.horizon.count}", policy.wave_by, policy.transition_mode))
        seen["absorb"] += any(p.absorb_fte is not None for p in case.providers)
        seen["rent"] += any(p.rent for p in case.providers)
        seen["notice"] += any(c.notice_until for c in case.current)
        seen["lives"] += any(e.start or e.end for e in case.entities)
        seen["site dates"] += any(p.start or p.end for p in case.providers)
        seen["line dates"] += any(o.start or o.end for o in case.offers)
        seen["dated decision"] += any(d.from_ for d in case.decisions)
        seen["estimated"] += any(d.basis == "estimated" for d in case.demands)
        seen["twice"] += policy.max_switches == 2
        seen["target later"] += policy.horizon.target_from > policy.horizon.start
        for name in ("max_moves", "one_off_budget", "max_moves_per_period", "npo_share_max", "big_bang_period"):
            seen[name] += getattr(policy, name) is not None
    assert len(seen) == 8 + 3 + 4 + 3 + 2 + 10 + 5
    assert min(seen.values()) > 0, seen


@pytest.mark.slow
def test_best_paths_pay_for_everything_now_and_then() -> None:
    found = [best for seed in range(200) if (best := best_path(random_dynamic_case(seed))) is not None]
    assert len(found) > 80
    for name in (*TIME_TERMS, *TIME_ONE_OFFS):
        assert any({**best.cost.terms, **best.cost.one_offs}[name] > 0 for best in found), name


def test_a_case_that_must_have_a_path_has_one() -> None:
    for seed in range(share(10)):
        best = best_path(random_dynamic_case(seed, feasible=True))
        assert isinstance(best, PathFound)
        assert best.objective >= 0


def test_smaller_cases_may_be_asked_for() -> None:
    assert all(count_paths(random_dynamic_case(seed, max_paths=20)) <= 20 for seed in range(share(20)))
