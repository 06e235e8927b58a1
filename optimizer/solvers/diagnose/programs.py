"""Programs without costs for sets of rule instances, and what a plan breaks of them, exactly."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import scipy

from optimizer.domain.names import ZONES
from optimizer.model.formulate import build_program
from optimizer.solvers.diagnose.instances import Instance, relaxed
from optimizer.verify.rules import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.program.groups import RowBlock
    from optimizer.model.program.program import Program
    from optimizer.solvers.diagnose.instances import Ground
    from optimizer.verify.checker import Evaluator
    from optimizer.verify.findings import Violation

__all__ = ["broken", "give_way", "program_of", "rows_of"]

_CHECKED = {c.__name__: c for c in CHECKS if c.__name__ not in ("assign_once", "open_line", "open_site", "site_count")}
"""Rules judged by the verifier's own code. Pairs are right by construction; sites are counted below, because
the verifier has required sites open whether or not that is kept."""


def program_of(ground: Ground, kept: Set[Instance]) -> Program:
    """The program of the instances kept: any solution is a plan, the objective is 0."""
    problem = relaxed(ground, kept)
    program = build_program(problem, objective="moves", relax_assign=bool(ground.hopeless.any()))
    lower, upper, row_lower = program.lower.copy(), program.upper.copy(), program.row_lower.copy()
    layout = program.layout
    upper[layout.u[(layout.u >= 0) & ~ground.hopeless]] = 0.0
    free = np.array([Instance("required", (p,)) not in kept for p in range(problem.n_providers)], np.bool_)
    lower[layout.o[(layout.o >= 0) & free]] = 0.0
    for block in program.blocks:
        if block.rule == "site_count" and block.part == "zone":
            dropped = [Instance("site_count", (z,), "zone") not in kept for z in range(len(ZONES))]
            row_lower[block.start : block.stop][dropped] = -np.inf
    return dataclasses.replace(
        program, c=np.zeros(program.n_columns), offset=0.0, lower=lower, upper=upper, row_lower=row_lower
    )


def give_way(program: Program, instance: Instance) -> Program:
    """The program in which one instance may be broken, at the price of how far.

    Limits of one figure (a capacity and the reserve on it, a policy number) share one amount, in row
    units; rows of several things (demands of a lock, bundles) have one each, and the sum is least.
    """
    rows, sides = rows_of(program, instance)
    shared = instance.rule not in ("lock", "backup", "bundle_together")
    column = np.zeros(len(rows), np.int64) if shared else np.arange(len(rows))
    n = int(column.max(initial=-1)) + 1
    slack = scipy.sparse.csr_matrix((sides.astype(np.float64), (rows, column)), shape=(program.n_rows, n))
    return dataclasses.replace(
        program,
        c=np.concatenate([program.c, np.ones(n)]),
        lower=np.concatenate([program.lower, np.zeros(n)]),
        upper=np.concatenate([program.upper, np.full(n, np.inf)]),
        integer=np.concatenate([program.integer, np.zeros(n, np.bool_)]),
        a=scipy.sparse.csr_matrix(scipy.sparse.hstack([program.a, slack], format="csr")),
    )


def rows_of(program: Program, instance: Instance) -> tuple[Ints, Ints]:
    """Rows of an instance, and the sign of what they lack: 1 short of a minimum, −1 over a maximum."""
    rows = [block.start + np.flatnonzero(_mine(program, block, instance)) for block in program.blocks]
    found = np.concatenate([*rows, np.zeros(0, np.int64)]).astype(np.int64)
    return found, np.where(np.isfinite(program.row_lower[found]), 1, -1).astype(np.int64)


def _mine(program: Program, block: RowBlock, instance: Instance) -> Bools:
    """Which rows of a block say what the instance says."""
    none = np.zeros(block.stop - block.start, np.bool_)
    problem, rule, index = program.problem, instance.rule, block.index
    if block.part.startswith("link"):
        return none
    if rule in ("line_capacity", "site_capacity") and block.rule == "backup":
        return _reserve(program, block, instance)
    if rule != block.rule:
        return none
    if rule == "line_capacity" or (rule, instance.part, block.part) == ("minimum_volume", "line", ""):
        line = instance.key[0]
        same = (index[:, 0] == problem.lines.provider[line]) & (index[:, 1] == problem.lines.service[line])
    elif rule == "site_capacity" or (rule, instance.part, block.part) == ("minimum_volume", "site", "site"):
        same = index[:, 0] == instance.key[0]
    elif rule == "backup":
        same = (problem.demand_service[index[:, 0]] == instance.key[0]) if block.part == "" else none
    elif rule == "site_count":
        same = none if block.part != instance.part else np.isin(index[:, 0], instance.key) if instance.key else ~none
    else:
        same = none if rule == "minimum_volume" else ~none
    return np.asarray(same, np.bool_)


def _reserve(program: Program, block: RowBlock, instance: Instance) -> Bools:
    """Rows of ``backup`` that keep room on a line or at a site."""
    lines, index = program.problem.lines, block.index
    if instance.rule == "line_capacity" and block.part == "line":
        line = instance.key[0]
        return np.asarray((index[:, 1] == lines.provider[line]) & (index[:, 2] == lines.service[line]), np.bool_)
    if instance.rule == "site_capacity" and block.part == "site":
        return np.asarray(index[:, 1] == instance.key[0], np.bool_)
    return np.zeros(len(index), np.bool_)


def broken(
    ground: Ground, evaluator: Evaluator, kept: Set[Instance], choice: Choice
) -> list[tuple[Instance, Violation | None]]:
    """Instances kept that a plan breaks, in exact arithmetic; without a violation where sites are counted."""
    named = ground.problem.decode(choice)
    critical = {ground.problem.service_ids[i.key[0]] for i in kept if i.rule == "backup"}
    rows = [(e, s, p, q if s in critical else "") for e, s, p, q in named]
    tally = evaluator.tally(rows)
    found = [(_of(ground, v), v) for check in _CHECKED.values() for v in check(tally)[1]]
    out: list[tuple[Instance, Violation | None]] = [
        (i, v) for instances, v in found for i in instances if i in kept and not _excused(ground, v, choice)
    ]
    return out + [(i, None) for i in _counted(ground, kept, choice)]


def _excused(ground: Ground, v: Violation, choice: Choice) -> bool:
    """A demand that nobody may serve is told elsewhere; a backup named is one that the pairs allow."""
    d = ground.problem.demand_index.get((v.entity, v.service))
    return d is not None and bool(ground.hopeless[d] or (v.rule == "backup" and choice.backup[d] >= 0))


def _of(ground: Ground, v: Violation) -> Iterator[Instance]:
    """Instances that a violation is about."""
    problem = ground.problem
    if v.rule == "backup" and v.entity:
        yield Instance("backup", (problem.service_ids.index(v.service),))
    elif v.rule in ("line_capacity", "site_capacity", "backup", "minimum_volume"):
        p = problem.provider_index[v.provider]
        at = int(problem.lines.index[p, problem.service_ids.index(v.service)]) if v.service else p
        if v.rule == "minimum_volume":
            yield Instance(v.rule, (at,), "line" if v.service else "site")
        else:
            yield Instance("line_capacity" if v.service else "site_capacity", (at,))
    elif v.rule == "lock":
        d = problem.demand_index[v.entity, v.service]
        yield from (Instance("lock", (row,)) for row, member, _ in ground.locks if member == d)
    else:
        yield Instance(v.rule)


def _counted(ground: Ground, kept: Set[Instance], choice: Choice) -> Iterator[Instance]:
    """Numbers of sites that do not hold; a required site that may be closed counts as it suits."""
    problem, rules = ground.problem, ground.problem.scalars
    used = (
        np.bincount(
            choice.provider[(choice.provider >= 0) & (choice.provider < problem.n_providers)],
            minlength=problem.n_providers,
        )
        > 0
    )
    forced = np.array([Instance("required", (p,)) in kept for p in range(problem.n_providers)], np.bool_)
    mine = problem.sites.is_secretariat
    least_open, most_open = mine & (used | forced), mine & (used | problem.sites.is_required)
    if rules.site_min is not None and int(most_open.sum()) < rules.site_min:
        yield from {Instance("site_count", (), "least")} & kept
    if rules.site_max is not None and int(least_open.sum()) > rules.site_max:
        yield from {Instance("site_count", (), "most")} & kept
    for z in range(len(ZONES)) if rules.zones else ():
        if not (most_open & (problem.sites.zone == z)).any():
            yield from {Instance("site_count", (z,), "zone")} & kept
