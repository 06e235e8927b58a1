"""Children shared by the benchmark tests, and tiny files made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.instance import Instance
from benchmarks.literature import load
from benchmarks.measure import Limits, Measured, measure
from optimizer.solvers.pool import ChildPool

FILES = {
    "cflp_orlib": "2 3\n 5 10.\n capacity 20.\n 2\n 1 4\n 3\n 2. 1\n 2\n 3 3\n",
    "sscflp_holmberg": "2 3  5 10  6 20  2 3 2  1 2 3  4 1 3",
    "sscflp_delmaire": "3 2  1 4  2 1  3 3  2 3 2  10 20  5 6",
    "sscflp_gadegaard": "2\n3\n5 10\n6 20\n2 3 2\n1 2 3\n4 1 3",
    "sscflp_tbed1": "2 3  2 3 2  5 6  10 20  0.5 1 1.5  2 0.25 1.5",
    "gap_orlib": "2 3  1 2 3  4 1 3  2 3 2  3 1 2  5 5",
    "gap_yagiura": "2 3  1 2 3  4 1 3  2 3 2  3 1 2  5 5",
    "pmed": "4 5 2  1 2 9  2 3 2  3 4 1  1 2 3  1 4 20",
    "pmedcap": "1 99  4 2 5  1 0 0 2  2 3 4 3  3 10 10 1  4 11 11 2",
}
"""Small enough to be solved by hand: see ``BEST``."""

BEST = {
    "cflp_orlib": ("c_6", "sscflp", 10 + 20 + 1 + 1 + 3),
    "sscflp_holmberg": ("t", "sscflp", 35),
    "sscflp_delmaire": ("t", "sscflp", 35),
    "sscflp_gadegaard": ("t", "sscflp", 35),
    "sscflp_tbed1": ("t", "sscflp", 30 + 1 + 0.75 + 3),
    "gap_orlib": ("t", "gap-min", 1 + 1 + 3),
    "gap_yagiura": ("t", "gap-max", 4 + 2 + 3),
    "pmed": ("t", "pmed", 0 + 2 + 0 + 1),
    "pmedcap": ("t", "cpmed", 0 + 5 + 0 + 1),
}
"""Instance, problem and optimum by hand: both facilities open in location, as total demand is 7."""


@pytest.fixture(scope="session")
def pool():
    with ChildPool() as shared:
        yield shared


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A folder of tiny files, one for each layout, with their known values."""
    root = tmp_path_factory.mktemp("instances")
    lines = ["family,instance,problem,facilities,customers,value,status,source,verified,note"]
    for family, text in FILES.items():
        name, kind, value = BEST[family]
        (root / family).mkdir()
        (root / family / f"{name.partition('_')[0]}.txt").write_text(text)
        lines.append(f"{family},{name},{kind},2,3,{value},optimal,by hand,yes,")
    (root / "known.csv").write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def solved(pool):
    """Measure with HiGHS in the shared child."""

    def run(instance: Instance, seconds: float = 20.0, backend: str = "highs") -> Measured:
        return measure(instance, backend, Limits(seconds, threads=1), pool=pool)

    return run


@pytest.fixture(scope="session")
def by_hand(tiny):
    """A tiny instance by family."""

    def get(family: str) -> Instance:
        name, kind, _ = BEST[family]
        return load(tiny / family, family, name, kind)

    return get
