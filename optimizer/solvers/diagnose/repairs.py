"""Sets of rule instances that, given up, leave a plan: the fewest first, and how little each has to give.

One binary a choice says that it is given up; the fewest are sought, then the set is ruled out together with everything
that contains it, so that no set holds another. Facts have no binary and are always kept. A refused pair that is given
up is served by decision: it may not be a backup.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import scipy

from optimizer.model.cuts import add_cuts
from optimizer.solvers.diagnose.programs import broken, program_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.aliases import Bools, Floats, Ints
    from optimizer.model.parts import Choice
    from optimizer.model.program.program import Program
    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.solvers.diagnose.irreducible import Search

__all__ = ["Elastic", "Given", "key_of"]

ROUNDS: Final = 20
"""Plans within tolerance of a rule that are cut off before the search gives up."""
_OVERRIDE: Final = 1.001
"""Weight of serving a refused pair by decision beside 1 of any other choice: between sets of as many, limits first."""


@dataclass(frozen=True, eq=False)
class Given:
    """A set of choices given up.

    Parameters
    ----------
    instances : frozenset of Instance
        Zones are one choice: all of them or none.
    choice : Choice
        A plan that keeps every other instance, exactly.
    fewest : bool
        A solver showed that no part of the set would do.
    least : bool
        A solver showed that the sum of what they give, each relative to its own limit, is the least.
    """

    instances: frozenset[Instance]
    choice: Choice
    fewest: bool
    least: bool = False


class Elastic:
    """The program of a case in which choices may be given up.

    Parameters
    ----------
    search : Search
        Runs it.
    facts, choices : sequence of Instance
        Together every instance of the case.
    """

    def __init__(self, search: Search, facts: Sequence[Instance], choices: Sequence[Instance]) -> None:
        self.search, self.ground = search, search.ground
        self.facts, self.choices = frozenset(facts), tuple(choices)
        kept = frozenset(i for i in (*facts, *choices) if i.rule != "refusal" or i in self.facts)
        self.every = frozenset((*facts, *choices))
        self.base = _no_refused_backups(program_of(self.ground, kept), self.ground)
        self.taken: list[frozenset[int]] = []
        self.ended = False
        """No set is left."""
        self.keys = sorted({key_of(i) for i in choices})
        self.place = {key: k for k, key in enumerate(self.keys)}

    def next(self) -> Given | None:
        """The next set, with the fewest choices that are left; ``None``: there is none, or none was found in time."""
        given = self._solved(self._program(self._weights(), None))
        if given is not None:
            self.taken.append(frozenset(self.place[key_of(i)] for i in given.instances))
        return given

    def least(self, given: Given) -> Given:
        """The same set with the least it gives: the sum of the amounts, each relative to its own limit."""
        names = frozenset(self.place[key_of(i)] for i in given.instances)
        found = self._solved(self._program(np.zeros(len(self.keys)), names))
        return given if found is None else dataclasses.replace(given, choice=found.choice, least=found.fewest)

    def _solved(self, program: Program) -> Given | None:
        """The best plan of a program with what is given up there; every other instance is kept exactly."""
        first = self.base.n_columns
        for _ in range(ROUNDS):
            outcome = self.search.run(program)
            if outcome is None or outcome.choice is None or outcome.values is None:
                self.ended = outcome is not None and outcome.infeasible
                return None
            up = set(np.flatnonzero(outcome.values[first : first + len(self.keys)] > 0.5).tolist())
            given = frozenset(i for i in self.choices if self.place[key_of(i)] in up)
            faults = broken(self.ground, self.search.evaluator, self.every - given, outcome.choice)
            if not faults:
                return Given(given, outcome.choice, outcome.stopped_by == "finished")
            for instance, v in faults:
                where = [] if v is None else [(v.rule, v.provider, v.service)]
                program = self._cut(add_cuts(program, program.problem, outcome.choice, where), instance)
        return None

    def _cut(self, program: Program, instance: Instance) -> Program:
        """The last row, a cut, holds only where its instance is kept."""
        place = self.place.get(key_of(instance), -1)
        if place < 0 or instance in self.facts:
            return program
        last = program.n_rows - 1
        at = scipy.sparse.csr_matrix(([-1.0], ([last], [self.base.n_columns + place])), shape=program.a.shape)
        return dataclasses.replace(program, a=scipy.sparse.csr_matrix(program.a + at))

    def _weights(self) -> Floats:
        return np.array([_OVERRIDE if rule == "refusal" else 1.0 for rule, _, _ in self.keys])

    def _program(self, weights: Floats, only: frozenset[int] | None) -> Program:
        """The base with a binary for each choice and slacks below it; ``only``: just these may give, amounts count."""
        ties = _Ties(self.base)
        n = self.base.n_columns
        upper = np.ones(len(weights))
        if only is not None:
            upper[[k for k in range(len(weights)) if k not in only]] = 0.0
        for i in self.choices:
            self._tie(ties, i, n + self.place[key_of(i)])
        program = ties.program(weights, upper, amounts=only is not None)
        return program if only is not None else _ruled_out(program, n, self.taken)

    def _tie(self, ties: _Ties, instance: Instance, column: int) -> None:
        """Let an instance be broken where its binary is 1."""
        rule, base = instance.rule, self.base
        if rule == "refusal":
            at = int(base.problem.pair_index(*instance.key))
            ties.below(at, column)
        elif rule == "required":
            ties.unless(int(base.layout.o[instance.key[0]]), column)
        elif rule == "lock":
            held = {d for row, d, _ in self.ground.locks if row == instance.key[0]}
            rows, sides = rows_of(base, instance)
            block = next(b for b in base.blocks if b.rule == "lock")
            mine = np.array([int(block.index[r - block.start, 0]) in held for r in rows], np.bool_)
            ties.slack(rows[mine], sides[mine], column, shared=False)
        else:
            rows, sides = rows_of(base, instance)
            ties.slack(rows, sides, column, shared=rule not in ("backup", "bundle_together"))


def key_of(instance: Instance) -> tuple[str, tuple[int, ...], str]:
    """What is given up as one: an instance, or all zones."""
    return instance.rule, () if instance.part == "zone" else instance.key, instance.part


def _no_refused_backups(program: Program, ground: Ground) -> Program:
    """The program in which nobody is a backup that may not serve the demand."""
    falls, pairs, upper = program.layout.backups, program.problem.pairs, program.upper.copy()
    refused = ground.problem.refusals[pairs.demand[falls.other], pairs.provider[falls.other]] != 0
    upper[falls.column[refused]] = 0.0
    return dataclasses.replace(program, upper=upper)


class _Ties:
    """Columns and rows added to a program, collected and then put there at once."""

    def __init__(self, base: Program) -> None:
        self.base = base
        self.slacks: list[tuple[Ints, Ints, int, float]] = []
        self.scale: list[float] = []
        self.rows: list[tuple[list[int], list[float], float]] = []
        """Columns, values, upper side."""
        self.lowered: list[int] = []

    def below(self, one: int, other: int) -> None:
        """One column is at most another."""
        self.rows.append(([one, other], [1.0, -1.0], 0.0))

    def unless(self, one: int, other: int) -> None:
        """One column is 1 unless another is."""
        self.lowered.append(one)
        self.rows.append(([one, other], [-1.0, -1.0], -1.0))

    def slack(self, rows: Ints, sides: Ints, column: int, *, shared: bool) -> None:
        """Rows may be missed by one amount, or by one each, up to the most they can be missed by."""
        if not len(rows):
            return
        most = _most_missed(self.base, rows, sides)
        groups = [np.arange(len(rows))] if shared else [np.array([k]) for k in range(len(rows))]
        for at in groups:
            self.slacks.append((rows[at], sides[at], column, float(most[at].max())))
            limits = np.abs(np.where(sides[at] > 0, self.base.row_lower[rows[at]], self.base.row_upper[rows[at]]))
            self.scale.append(float(limits.max()) or max(float(most[at].max()), 1e-9))

    def program(self, weights: Floats, upper: Floats, *, amounts: bool) -> Program:
        """The base with the binaries, the slacks, and the rows that tie them."""
        base, first = self.base, self.base.n_columns
        k, n = len(weights), len(self.slacks)
        for s, (_, _, column, most) in enumerate(self.slacks):
            self.rows.append(([first + k + s, column], [1.0, -most], 0.0))
        row = np.concatenate([rows for rows, _, _, _ in self.slacks] or [np.zeros(0, np.int64)])
        side = np.concatenate([sides for _, sides, _, _ in self.slacks] or [np.zeros(0, np.int64)])
        col = np.repeat(np.arange(n), [len(rows) for rows, _, _, _ in self.slacks])
        wide = scipy.sparse.csr_matrix((side.astype(np.float64), (row, k + col)), shape=(base.n_rows, k + n))
        lower, cost = base.lower.copy(), np.zeros(n)
        lower[self.lowered] = 0.0
        if amounts:
            cost = 1.0 / np.array(self.scale)
        grown = dataclasses.replace(
            base,
            c=np.concatenate([base.c, weights, cost]),
            lower=np.concatenate([lower, np.zeros(k + n)]),
            upper=np.concatenate([base.upper, upper, np.array([most for _, _, _, most in self.slacks])]),
            integer=np.concatenate([base.integer, np.ones(k, np.bool_), np.zeros(n, np.bool_)]),
            a=scipy.sparse.csr_matrix(scipy.sparse.hstack([base.a, wide], format="csr")),
        )
        return _with_rows(grown, self.rows)


def _ruled_out(program: Program, first: int, taken: Sequence[frozenset[int]]) -> Program:
    """The program without sets that hold one of those taken."""
    rows = [([first + k for k in sorted(old)], [1.0] * len(old), len(old) - 1.0) for old in taken if old]
    return _with_rows(program, rows)


def _with_rows(program: Program, rows: Sequence[tuple[list[int], list[float], float]]) -> Program:
    """The program with rows Σ value · column ≤ upper, which belong to no rule."""
    if not rows:
        return program
    at = np.repeat(np.arange(len(rows)), [len(columns) for columns, _, _ in rows])
    columns = np.concatenate([np.array(c, np.int64) for c, _, _ in rows])
    values = np.concatenate([np.array(v) for _, v, _ in rows])
    block = scipy.sparse.csr_matrix((values, (at, columns)), shape=(len(rows), program.n_columns))
    return dataclasses.replace(
        program,
        a=scipy.sparse.csr_matrix(scipy.sparse.vstack([program.a, block], format="csr")),
        row_lower=np.append(program.row_lower, np.full(len(rows), -np.inf)),
        row_upper=np.append(program.row_upper, [upper for _, _, upper in rows]),
        row_scale=np.append(program.row_scale, np.ones(len(rows))),
    )


def _most_missed(program: Program, rows: Ints, sides: Ints) -> Floats:
    """The most by which rows can be missed within the limits of their columns."""
    part = program.a[rows]
    low, high = program.lower, np.where(np.isfinite(program.upper), program.upper, 1e6)
    plus, minus = part.maximum(0), part.minimum(0)
    over = plus @ high + minus @ low - program.row_upper[rows]
    under = program.row_lower[rows] - (plus @ low + minus @ high)
    out: Bools = sides > 0
    return np.asarray(np.maximum(np.where(out, under, over), 0.0), np.float64)
