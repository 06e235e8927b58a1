"""From the joint problem to its program: the periods side by side, and the rows that tie them together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, overload

import numpy as np
import scipy

from optimizer.model.formulate import build_program
from optimizer.model.program.groups import ColumnGroup, RowBlock
from optimizer.model.program.naming import names_of
from optimizer.model.time.links import Links
from optimizer.model.time.program import JointProgram
from optimizer.model.time.rows import Expression, Rows
from optimizer.model.time.rules import BETWEEN_PERIODS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Ints
    from optimizer.model.problem import Problem
    from optimizer.model.program.layout import TierForm
    from optimizer.model.program.program import Program
    from optimizer.model.time.joint import JointProblem

__all__ = ["build_joint_program"]


def build_joint_program(joint: JointProblem, *, tiers: TierForm = "by_line") -> JointProgram:
    """Formulate a joint problem: Σ_t L δ_t · cost of the period + Σ_t δ_t · one-offs.

    Parameters
    ----------
    joint : JointProblem
    tiers : {"by_line", "by_pair"}
        As in ``build_program``.
    """
    programs = tuple(build_program(stage.problem, tiers=tiers) for stage in joint.stages)
    first = np.concatenate([[0], np.cumsum([p.n_columns for p in programs])]).astype(int).tolist()
    rows = Rows(first[-1])
    links = Links(joint, rows, first)
    for rule in BETWEEN_PERIODS:
        rule.rows(links)
    _pay(links)
    return _joined(joint, programs, tuple(first[:-1]), rows)


def _pay(x: Links) -> None:
    """Sites while they are open, one-offs when they are paid, the limit on officers, the risk of a big bang."""
    for t, stage in enumerate(x.joint.stages):
        for p in range(x.joint.n_providers):
            if stage.site_cost[p]:
                x.rows.pay(x.open[t][p], stage.weight * float(stage.site_cost[p]))
        x.rows.pay(x.one_offs[t], stage.discount)
        pairs = stage.problem.pairs
        price = stage.weight * stage.problem.effort_fte[pairs.demand] * stage.compliance[pairs.provider]
        for i in np.flatnonzero(price).tolist():
            x.rows.pay(Expression.of(x.first[t] + i), float(price[i]))
    for stage, bang in zip(x.joint.stages, x.bangs, strict=bool(x.bangs)):
        x.rows.pay(bang, stage.discount * x.risk)


def _joined(joint: JointProblem, programs: tuple[Program, ...], first: tuple[int, ...], rows: Rows) -> JointProgram:
    extra, sums = len(rows.kinds), rows.sums
    cost = np.concatenate([*(s.weight * p.c for s, p in zip(joint.stages, programs, strict=True)), np.zeros(extra)])
    matrix = scipy.sparse.block_diag([p.a for p in programs], format="csr")
    matrix = scipy.sparse.hstack([matrix, scipy.sparse.csr_matrix((matrix.shape[0], extra))], format="csr")
    offset = sum(s.weight * p.offset for s, p in zip(joint.stages, programs, strict=True))
    return JointProgram(
        c=cost + rows.costs(),
        lower=np.concatenate([*(p.lower for p in programs), np.zeros(extra)]),
        upper=np.concatenate([*(p.upper for p in programs), np.ones(extra)]),
        integer=np.concatenate([*(p.integer for p in programs), np.ones(extra, np.bool_)]),
        a=scipy.sparse.vstack([matrix, rows.matrix()], format="csr") if sums else matrix,
        row_lower=np.concatenate([*(p.row_lower for p in programs), [s.lower for s in sums]]),
        row_upper=np.concatenate([*(p.row_upper for p in programs), [s.upper for s in sums]]),
        row_scale=np.concatenate([*(p.row_scale for p in programs), np.ones(len(sums))]),
        offset=float(offset) + rows.offset,
        groups=(*_groups(joint, programs, first), *_extra_groups(rows)),
        blocks=(*_blocks(joint, programs), *_sum_blocks(rows, sum(p.n_rows for p in programs))),
        problem=joint,
        periods=programs,
        first=first,
        extras=tuple(rows.kinds),
    )


def _groups(joint: JointProblem, programs: tuple[Program, ...], first: tuple[int, ...]) -> Iterator[ColumnGroup]:
    """Columns of the periods; names begin with the period's number."""
    for t, p in enumerate(programs):
        for g in p.groups:
            labels = _labels(joint, t, g.key, g.index)
            yield ColumnGroup(g.kind, first[t] + g.start, first[t] + g.stop, g.index, g.key, labels)


def _blocks(joint: JointProblem, programs: tuple[Program, ...]) -> Iterator[RowBlock]:
    """Rows of the periods."""
    start = 0
    for t, p in enumerate(programs):
        for b in p.blocks:
            labels = _labels(joint, t, b.key, b.index)
            yield RowBlock(b.rule, start + b.start, start + b.stop, b.index, b.key, b.part, b.unit, labels)
        start += p.n_rows


def _labels(joint: JointProblem, t: int, key: str, index: Ints) -> PeriodLabels:
    return PeriodLabels(joint.stages[t].problem, t + 1, key, index)


class PeriodLabels(Sequence[str]):
    """Names behind the columns or rows of a period, made when asked for."""

    def __init__(self, problem: Problem, number: int, key: str, index: Ints) -> None:
        self.problem, self.number, self.key, self.indices = problem, number, key, index

    def __len__(self) -> int:
        return len(self.indices)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        names = names_of(self.problem, self.key, self.indices[at].tolist())
        return ",".join(filter(None, (str(self.number), names)))


def _extra_groups(rows: Rows) -> Iterator[ColumnGroup]:
    """Columns that tie periods, kind by kind as they come."""
    for kind, members in groupby(enumerate(rows.kinds, rows.start), key=lambda member: member[1].kind):
        found = list(members)
        labels = tuple(",".join(extra.names) for _, extra in found)
        index = np.arange(len(found), dtype=np.int64)[:, None]
        yield ColumnGroup(kind, found[0][0], found[-1][0] + 1, index, "n", labels)


def _sum_blocks(rows: Rows, start: int) -> Iterator[RowBlock]:
    """Rows that tie periods, rule by rule as they come."""
    for rule, members in groupby(enumerate(rows.sums, start), key=lambda member: member[1].rule):
        found = list(members)
        labels = tuple(",".join(row.names) for _, row in found)
        index = np.zeros((len(found), 0), np.int64)
        yield RowBlock(rule, found[0][0], found[-1][0] + 1, index, labels=labels)
