"""Cuts that exclude plans which break a rule by less than a solver's tolerance.

Solvers accept a row that is violated by about 1e-6; the rules are checked in exact integers.
When the two disagree, the offending combination is cut off: valid for every plan that keeps the
rules, so bounds stay bounds.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_matrix, vstack

from optimizer.formulation.program import RowBlock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.arrays.problem import Choice, Ints, Problem
    from optimizer.formulation.program import Program

__all__ = ["add_cuts"]


def add_cuts(program: Program, problem: Problem, choice: Choice, broken: Iterable[tuple[str, str, str]]) -> Program:
    """The program with one cover cut per broken capacity, or one that excludes just this plan.

    Parameters
    ----------
    broken : iterable of (rule, provider id, service id)
        From the exact check; provider and service are empty where the rule is not about a line or site.
    """
    covers = [c for c in (_cover(problem, choice, *b) for b in broken) if c is not None]
    if not covers:
        covers = [_whole_plan(program, choice)]
    rows = [np.full(len(c), i) for i, c in enumerate(covers)]
    columns = np.concatenate(covers)
    block = csr_matrix((np.ones(len(columns)), (np.concatenate(rows), columns)), shape=(len(covers), program.n_columns))
    first = program.n_rows
    numbers = np.arange(first, first + len(covers))
    return dataclasses.replace(
        program,
        a=csr_matrix(vstack([program.a, block], format="csr")),
        row_lower=np.append(program.row_lower, np.full(len(covers), -np.inf)),
        row_upper=np.append(program.row_upper, [len(c) - 1.0 for c in covers]),
        row_scale=np.append(program.row_scale, np.ones(len(covers))),
        blocks=(*program.blocks, RowBlock("cut", first, first + len(covers), numbers[:, None], key="n")),
    )


def _cover(problem: Problem, choice: Choice, rule: str, provider: str, service: str) -> Ints | None:
    """Columns of the demands that together overfill a line or site."""
    if rule not in ("line_capacity", "site_capacity") or provider not in problem.provider_index:
        return None
    p = problem.provider_index[provider]
    there = choice.provider == p
    if rule == "line_capacity":
        there &= problem.demand_service == problem.service_ids.index(service)
    return np.array([problem.pair_of[d, p] for d in np.flatnonzero(there).tolist()], dtype=np.int64)


def _whole_plan(program: Program, choice: Choice) -> Ints:
    """Columns that say who serves and who backs up: together they are this plan and no other."""
    values = program.encode(choice)
    parts = [g for g in program.groups if g.kind in ("x", "r")]
    return np.concatenate([g.start + np.flatnonzero(values[g.start : g.stop] > 0.5) for g in parts]).astype(np.int64)
