"""One sample as a case: the figures that vary put into its rows, and what follows from them made anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from optimizer.domain.time.stills import annual_volume
from optimizer.studies.ranges.figures import PATH_FIGURE, is_whole
from optimizer.tables.schema import POLICY_TABLE

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.domain.policy import Policy
    from optimizer.model.aliases import Floats
    from optimizer.studies.ranges.figures import RangedFigures, Values

__all__ = ["rows_with", "sampled_case", "sampled_policy"]


def sampled_case(figures: RangedFigures, values: Values) -> Case:
    """The case of one sample, as rows; its tables and hash stay those of the case it was made of.

    Parameters
    ----------
    figures : RangedFigures
    values : Values
        As ``RangedFigures.draw`` gives them.
    """
    case = figures.case
    rows: dict[str, Any] = {"policy": sampled_policy(case.policy, values)}
    for table in sorted({table for table, _ in values} - {POLICY_TABLE, PATH_FIGURE[0]}):
        columns = {column: found for (of, column), found in values.items() if of == table}
        rows[table] = rows_with(table, getattr(case, table), columns)
    if PATH_FIGURE in values:
        amounts = values[PATH_FIGURE].tolist()
        rows["paths"] = tuple(replace(p, **{p.kind: a}) for p, a in zip(case.paths, amounts, strict=True))
    if {"entities", "services"} & rows.keys():
        rows["demands"] = _estimated(case, rows)
    return case.having(**rows)


def sampled_policy(policy: Policy, values: Values) -> Policy:
    """The policy of one sample."""
    plain: dict[str, Any] = {}
    moving: dict[str, Any] = {}
    for (table, name), found in values.items():
        if table == POLICY_TABLE:
            head, _, part = name.partition(".")
            value = float(found[0])
            (moving if part else plain)[part or head] = int(value) if is_whole(table, name) else value
    if moving:
        plain["transition"] = replace(policy.transition, **moving)
    return replace(policy, **plain) if plain else policy


def rows_with(table: str, rows: tuple[Any, ...], columns: dict[str, Floats]) -> tuple[Any, ...]:
    """Rows with other figures; a blank stays as it is."""
    out = []
    for at, row in enumerate(rows):
        new = {}
        for column, found in columns.items():
            if not np.isnan(found[at]):
                value = float(found[at])
                new[column] = int(value) if is_whole(table, column) else value
        out.append(replace(row, **new) if new else row)
    return tuple(out)


def _estimated(case: Case, rows: dict[str, Any]) -> tuple[Any, ...]:
    """Demands whose estimated volume follows the headcount and units per head of the sample."""
    heads = {e.id: e.headcount for e in rows.get("entities", case.entities)}
    each = {s.id: s.units_per_head for s in rows.get("services", case.services)}
    demands = rows.get("demands", case.demands)
    return tuple(replace(d, volume=annual_volume(d, heads[d.entity], each[d.service])) for d in demands)
