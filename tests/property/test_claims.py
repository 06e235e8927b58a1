"""No backend's claim that leaves the product is false, on cases of mixed magnitudes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from optimizer.solvers.pool import ChildPool
from tests.property.claims import run_claims

BACKENDS = ("highs", "cbc", "pulp-highs", "cpsat", "scip", "engine")
QUICK = range(118, 124)  # with a refusal by CBC that a plan refutes
CASES, SLICES = 2000, 8


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    with ChildPool() as children:
        yield children


def no_false_claim(seeds: range, pool: ChildPool) -> None:
    found = run_claims(BACKENDS, seeds, pool)
    assert [wrong for claims in found for wrong in claims.wrong] == []
    for claims in found:
        assert sum(claims.answers.values()) == len(seeds)
        assert claims.answers["optimal"] > 0  # something was claimed


def test_no_false_claim(pool: ChildPool) -> None:
    no_false_claim(QUICK, pool)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_no_false_claim_on_many(part: int, pool: ChildPool) -> None:
    size = CASES // SLICES
    no_false_claim(range(part * size, (part + 1) * size), pool)
