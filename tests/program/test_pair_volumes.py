"""Volumes that depend on the provider: no tier ends below what a full site can put on its line."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from optimizer.model.program.tiers import find_tiers
from optimizer.model.program.units import make_units
from tests.effort import few
from tests.engine.helpers import random_problem, with_pair_volumes


@pytest.mark.parametrize("seed", few(range(20), 6))
def test_tiers_reach_as_far_as_the_site_lets_a_line_grow(seed: int) -> None:
    """Each site just large enough for one of its pairs: the tiers of that line carry the pair."""
    problem = with_pair_volumes(random_problem(seed, 4, 2, 3, slack=3.0), seed)
    pairs, checked = problem.pairs, 0
    for k in np.flatnonzero(pairs.provider < problem.n_providers).tolist():
        line = problem.lines.index[pairs.provider[k], problem.demand_service[pairs.demand[k]]]
        if problem.pair_volume[k] > problem.lines.capacity[line]:
            continue
        capacity = problem.sites.capacity_minutes.copy()
        capacity[pairs.provider[k]] = problem.minutes[pairs.demand[k]]
        tight = dataclasses.replace(problem, sites=dataclasses.replace(problem.sites, capacity_minutes=capacity))
        units = make_units(tight)
        tiers = find_tiers(tight, units)
        stop = tiers.stop[tiers.line == line]
        if len(stop):
            checked += 1
            assert problem.pair_volume[k] <= stop[-1] * units.line[line] * (1 + 1e-6)
    assert checked
