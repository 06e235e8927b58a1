"""Whether a sample makes a valid case: as the reader says of its tables."""

from __future__ import annotations

import pytest

import optimizer as dg
from optimizer.domain.types import Assumption
from optimizer.studies.ranges.draws import uniforms
from optimizer.studies.ranges.faults import Faults
from optimizer.studies.ranges.figures import RangedFigures
from optimizer.studies.ranges.periods import Columns, PeriodFigures
from optimizer.studies.ranges.sampled import sampled_case
from optimizer.tables.read import case_from_tables
from optimizer.testing import tables_of

WIDE = {
    "nothing": (),
    "limits": (("policy", "*", "discount_rate", 0, 1.5), ("offers", "*", "fee_rate", -0.2, 0.3)),
    "positive": (("services", "payroll", "minutes_per_unit", 0, 40),),
    "line": (("offers", "RSCE|payroll", "base_volume", 0, 4e5),),
    "site": (("providers", "RSCE", "capacity_fte", 200, 500),),
    "tiers": (("tiers", "RSCE|payroll|0", "unit_cost", 5, 60),),
    "shares": (("staffing", "RSCE|P", "share", 0, 1),),
    "factor": (("profiles", "mission|*|residual", "factor", -0.1, 1),),
    "months": (("profiles", "mission|*|residual", "months", 0, 12),),
    "budget": (("budgets", "1", "amount", -1e6, 2e6),),
}


def readable(case: dg.Case) -> bool:
    try:
        case_from_tables(tables_of(case))
    except dg.InputError:
        return False
    return True


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("paths", [False, True])
def test_a_sample_is_valid_where_the_reader_takes_it(case: dg.Case, name: str, paths: bool) -> None:
    rows = tuple(Assumption(t, k, c, "assumed", low, high) for t, k, c, low, high in WIDE[name])
    some = Assumption("policy", "*", "interface_cost", "assumed", 500, 5000)
    changed = case.having(assumptions=(*rows, some))
    if paths:
        more = [
            {
                "table": "tiers",
                "key": "RSCE|payroll|0",
                "column": "unit_cost",
                "from": "2028-01-01",
                "factor": 1.0,
                "low": 0.6,
                "high": 1.0,
            },
            {
                "table": "staffing",
                "key": "RSCE|*",
                "column": "share",
                "from": "2029-01-01",
                "factor": 1.0,
                "low": 0.5,
                "high": 2.0,
            },
        ]
        changed = dg.replace(case, paths=[*case.tables["paths"], *more]).having(assumptions=changed.assumptions)
    figures = RangedFigures(changed)
    assert changed.policy.horizon is not None
    columns = Columns(changed, changed.policy.horizon)
    found = []
    for u in uniforms(8, len(figures.rows), 3):
        values = figures.draw(u)
        valid = not Faults(columns).found(PeriodFigures(columns, values))
        found.append(valid)
        assert valid == readable(sampled_case(figures, values))
    assert name != "nothing" or paths or all(found)
