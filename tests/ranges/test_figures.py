"""Which figures a row governs, and what is wrong with ranges."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import optimizer as dg
from optimizer.domain.types import Assumption
from optimizer.studies.ranges.figures import PATH_FIGURE, RangedFigures
from optimizer.studies.ranges.sampled import sampled_case


def with_rows(case: dg.Case, *rows: tuple[str, str, str, float, float]) -> dg.Case:
    made = [Assumption(t, k, c, "assumed", low, high) for t, k, c, low, high in rows]
    return case.having(assumptions=tuple(sorted(made, key=lambda a: (a.table, a.key, a.column))), paths=())


def governed(case: dg.Case, *rows: tuple[str, str, str, float, float]) -> dict[tuple[str, str, str], list[float]]:
    figures = RangedFigures(with_rows(case, *rows))
    return {(r.table, r.key, r.column): [f for _, _, f in figures.governed(n)] for n, r in enumerate(figures.rows)}


def test_the_most_exact_row_governs_a_figure(case: dg.Case) -> None:
    names = [d.key for d in case.demands]
    for row, exactly, half in (("*", "UNMISS|payroll", "UNMISS|*"),):
        found = governed(
            case,
            ("demands", row, "own_fixed_cost", 0, 1e9),
            ("demands", exactly, "own_fixed_cost", 0, 1e8),
            ("demands", half, "own_fixed_cost", 0, 1e7),
        )
        of_entity = sum(e == "UNMISS" for e, _ in names)
        assert len(found["demands", exactly, "own_fixed_cost"]) == 1
        assert len(found["demands", half, "own_fixed_cost"]) == of_entity - 1
        assert len(found["demands", row, "own_fixed_cost"]) == len(names) - of_entity


def test_an_exact_column_comes_before_any_column(case: dg.Case) -> None:
    rows = (("staffing", "*", "*", 0, 1e9), ("staffing", "*", "share", 0, 1))
    found = governed(case, *rows)
    assert len(found["staffing", "*", "share"]) == len(found["staffing", "*", "*"]) == len(case.staffing)


def test_a_key_of_a_row_to_the_letter_names_that_row_alone(case: dg.Case) -> None:
    found = governed(case, ("profiles", "mission|*|start_up", "factor", 1, 2))
    assert found["profiles", "mission|*|start_up", "factor"] == [1.3]


@pytest.mark.parametrize(("key", "column"), [("*", "transition.travel"), ("transition.travel", "*")])
def test_the_policy_is_named_by_key_or_by_column(case: dg.Case, key: str, column: str) -> None:
    assert governed(case, ("policy", key, column, 0, 9000))["policy", key, column] == [3000.0]


def test_blanks_and_estimates_have_no_figure(case: dg.Case) -> None:
    assert governed(case, ("providers", "*", "absorb_fte", 0, 100))["providers", "*", "absorb_fte"] == [30.0]
    estimated = next(d for d in case.demands if d.basis == "given")
    changed = case.having(
        demands=tuple(
            d if d is not estimated else type(d)(d.entity, d.service, d.volume, "estimated") for d in case.demands
        )
    )
    row = ("demands", "|".join(estimated.key), "volume", 0.0, 1e6)
    assert governed(changed, row)[row[:3]] == []
    assert governed(case, row)[row[:3]] == [estimated.volume]


def test_a_row_draws_all_its_figures_together(case: dg.Case) -> None:
    figures = RangedFigures(with_rows(case, ("services", "*", "minutes_per_unit", 1, 1000)))
    values = figures.draw(np.array([0.25]))["services", "minutes_per_unit"]
    for mode, value in zip((s.minutes_per_unit for s in case.services), values.tolist(), strict=True):
        below = (
            (value - 1) ** 2 / (999 * (mode - 1)) if value <= mode else 1 - (1000 - value) ** 2 / (999 * (1000 - mode))
        )
        assert below == pytest.approx(0.25, abs=1e-6)


def test_figures_of_samples_are_figures_of_cases(case: dg.Case) -> None:
    figures = RangedFigures(case)
    drawn = sampled_case(figures, figures.draw(np.full(len(figures.rows), 0.3123)))
    assert all(isinstance(p.months, int) for p in drawn.profiles)
    assert {p.months for p in drawn.profiles} != {p.months for p in case.profiles}
    assert drawn.policy.transition.travel == round(drawn.policy.transition.travel, 6) != 3000.0
    assert drawn.paths[0].factor == figures.draw(np.full(len(figures.rows), 0.3123))[PATH_FIGURE][0]


def test_nothing_drawn_is_the_case_itself(case: dg.Case) -> None:
    figures = RangedFigures(case)
    same = sampled_case(figures, figures.draw(figures.still()))
    for name in ("policy", "services", "demands", "providers", "profiles", "budgets", "paths"):
        assert getattr(same, name) == getattr(case, name)


def codes(case: dg.Case) -> list[tuple[str, str]]:
    with pytest.raises(dg.InputError) as refused:
        RangedFigures(case)
    for issue in refused.value.issues:
        assert issue.remedy
        assert issue.table in ("assumptions", "paths")
    return [(i.code, i.message) for i in refused.value.issues]


def test_every_figure_outside_its_range_is_told_at_once(case: dg.Case) -> None:
    rows: list[Any] = [("services", "*", "minutes_per_unit", 0, 20), ("policy", "*", "discount_rate", 0.05, 0.1)]
    found = codes(with_rows(case, *rows))
    above = sum(s.minutes_per_unit > 20 for s in case.services)
    assert [code for code, _ in found] == ["range_outside"] * (above + 1)
    assert any("discount_rate of policy * is 0.03, its range 0.05 to 0.1" in told for _, told in found)


def test_just_inside_is_inside(case: dg.Case) -> None:
    assert RangedFigures(with_rows(case, ("policy", "*", "discount_rate", 0.03, 0.03))).rows
    assert codes(with_rows(case, ("policy", "*", "discount_rate", 0.030001, 0.04)))


def test_a_path_outside_its_range_is_told(case: dg.Case) -> None:
    tables = [{**row, "low": 0.8} for row in case.tables["paths"]]
    ((code, told),) = codes(dg.replace(case, paths=tables))
    assert code == "range_outside"
    assert "MONUSCO|*" in told
    assert "2028-07-01" in told


@pytest.mark.parametrize(
    ("table", "key", "column"),
    [
        ("tiers", "*", "from_volume"),
        ("entities", "*", "latitude"),
        ("entities", "*", "languages"),
        ("policy", "*", "calendar_year"),
        ("policy", "zones", "*"),
        ("current", "*", "notice_until"),
    ],
)
def test_what_is_no_number_cannot_vary(case: dg.Case, table: str, key: str, column: str) -> None:
    assert [code for code, _ in codes(with_rows(case, (table, key, column, 0, 1)))] == ["range_not_a_figure"]


def test_a_case_without_ranges_is_told_so(case: dg.Case) -> None:
    assert [code for code, _ in codes(case.having(assumptions=(), paths=()))] == ["no_ranges"]
