"""Which rules stand against every path where no period alone does: deletion over the rules of the joint program.

Whatever can be left out while no path exists is left out: whole rules first, then single rows of those that are left.
A path that a solver finds without a rule is judged by the verifier, that rule aside; that no path keeps what is left is
confirmed by a second solver.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from optimizer.domain.errors import BackendFailed, BackendRefused, BackendUnavailable
from optimizer.domain.names import RULES, TIME_RULES
from optimizer.model.time.formulate import build_joint_program
from optimizer.solvers import registry
from optimizer.solvers.accept.over_time import path_rows
from optimizer.solvers.base import Request
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.params import BackendName, SolveParams
    from optimizer.model.aliases import Bools
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.program import JointProgram
    from optimizer.solvers.accept.over_time import Judge
    from optimizer.solvers.accept.watch import Watch

__all__ = ["ALONE", "Between", "Part", "Shrunk"]

FIRST: Final[BackendName] = "highs"
SECOND: Final[BackendName] = "scip"
_STAYS: Final = frozenset({"assign_once", "open_line", "open_site"})
"""What every path has to do whatever else is left out."""
ALONE: Final = frozenset({"one_switch", "notice", "freeze", "committed", "lock"})
"""Rules that look at one demand, beside what it has to do in any case."""
_NAMES: Final = frozenset({*RULES, *TIME_RULES}) - _STAYS
MOST_ROWS: Final = 40
"""Rows of a rule up to which they are asked about one by one."""

Answer = Literal["infeasible", "feasible", "unknown"]


@dataclass(frozen=True)
class Part:
    """A rule, or one row of it.

    Parameters
    ----------
    rule : str
    label : str
        Of the row, as the program names it; blank: the whole rule.
    """

    rule: str
    label: str = ""


@dataclass(frozen=True)
class Shrunk:
    """Parts that no path keeps together.

    Parameters
    ----------
    parts : tuple of Part
    needed : frozenset of Part
        Those without which the verifier has seen a path that keeps the others.
    confirmed : bool
        A second solver, too, found no path.
    amounts : dict of Part to float
        By how much a row would have to give way when all others stay, in the unit of the row.
    """

    parts: tuple[Part, ...]
    needed: frozenset[Part]
    confirmed: bool
    amounts: dict[Part, float]


class Between:
    """Answers about the joint program with some rules left out, within a time.

    Parameters
    ----------
    joint : JointProblem
    params : SolveParams
    judge : Judge
    watch : Watch
    limit_s : float
        For all answers together.
    """

    def __init__(self, joint: JointProblem, params: SolveParams, judge: Judge, watch: Watch, limit_s: float) -> None:
        self.joint, self.judge, self.watch = joint, judge, watch
        self.ends = time.monotonic() + limit_s
        self.params = dataclasses.replace(params, gap_rel=0.0, work_limit=None, backend_options={})
        whole = build_joint_program(joint)
        self.program = dataclasses.replace(whole, c=np.zeros(whole.n_columns), offset=0.0)
        self.rows: dict[Part, list[int]] = {}
        for block in self.program.blocks:
            for k, label in enumerate(block.labels if block.rule in _NAMES else ()):
                self.rows.setdefault(self._part(block.rule, label), []).append(block.start + k)

    def _part(self, rule: str, label: str) -> Part:
        """The lock by which a commitment binds in its period is part of the commitment."""
        number, _, key = label.partition(",")
        committed = {(str(t + 1), ",".join(self.joint.keys[d])) for t, d in self.joint.committed}
        return Part("committed", label) if rule == "lock" and (number, key) in committed else Part(rule, label)

    @property
    def over(self) -> bool:
        """No time is left, or nobody waits any more."""
        return self.watch.stopped or time.monotonic() >= self.ends

    @property
    def parts(self) -> list[Part]:
        """Every rule that has rows, those between periods last: they are the first that a planner asks about."""
        names = dict.fromkeys(part.rule for part in self.rows)
        return [Part(name) for name in sorted(names, key=lambda n: (n in TIME_RULES, n))]

    def within_periods(self) -> Answer:
        """Whether the periods can be served, each by itself and without any rule between them."""
        return self.ask([p for p in self.parts if p.rule not in TIME_RULES])

    def shrunk(self, among: Sequence[Part] | None = None) -> Shrunk | None:
        """Parts that are in conflict; ``None`` where a path keeps all, or time ran out before anything was shown.

        Parameters
        ----------
        among : sequence of Part, optional
            Parts that count, all others left out; all of them where it is left out.
        """
        kept = self.parts if among is None else list(among)
        if self.ask(kept) != "infeasible":
            return None
        kept, _ = self._deleted(kept, kept)
        for name in [p.rule for p in kept]:
            rows = [part for part in self.rows if part.rule == name]
            if len(rows) <= MOST_ROWS and not self.over:
                kept = [p for p in kept if p.rule != name] + rows
                kept, _ = self._deleted(kept, rows if len(rows) > 1 else ())
        kept, needed = self._deleted(kept, kept)
        amounts = {p: more for p in kept if p.label and (more := self._gives(kept, p)) is not None}
        return Shrunk(tuple(kept), frozenset(needed), self.ask(kept, SECOND) == "infeasible", amounts)

    def _deleted(self, kept: Sequence[Part], some: Sequence[Part]) -> tuple[list[Part], set[Part]]:
        """What is left when the idle ones of some parts go, and those that are known to be needed."""
        left, needed = list(kept), set[Part]()
        for part in some:
            without = [p for p in left if p != part]
            answer = "unknown" if self.over else self.ask(without)
            if answer == "infeasible":
                left = without
            elif answer == "feasible":
                needed.add(part)
        return left, needed

    def ask(self, kept: Sequence[Part], solver: BackendName = FIRST) -> Answer:
        """Whether a path keeps all of some parts."""
        outcome = self._run(self._only(kept), solver)
        if outcome is None or (outcome.choice is None and not outcome.infeasible):
            return "unknown"
        if outcome.choice is None:
            return "infeasible"
        whole = {p.rule for p in kept if not p.label} | _STAYS
        broken = {v.rule for v in self.judge.violations(path_rows(self.joint, outcome.choice))}
        return "unknown" if broken & whole else "feasible"

    def _only(self, kept: Sequence[Part]) -> JointProgram:
        """The program with the rows of other parts left out."""
        whole = {p.rule for p in kept if not p.label}
        single = {p for p in kept if p.label}
        out = [at for part, at in self.rows.items() if part.rule not in whole and part not in single]
        free: Bools = np.zeros(self.program.n_rows, np.bool_)
        free[[row for rows in out for row in rows]] = True
        lower = np.where(free, -np.inf, self.program.row_lower)
        return dataclasses.replace(
            self.program, row_lower=lower, row_upper=np.where(free, np.inf, self.program.row_upper)
        )

    def _gives(self, kept: Sequence[Part], part: Part) -> float | None:
        """How far a row must give way while the others stay, in its unit; ``None`` where that was not found."""
        rows = self.rows[part]
        if len(rows) > 1 or not np.isfinite(self.program.row_upper[rows[0]]) or self.over:
            return None
        program = self._only([p for p in kept if p != part])
        row = np.asarray(program.a[rows[0]].todense(), np.float64).ravel()
        outcome = self._run(dataclasses.replace(program, c=row), FIRST)
        if outcome is None or outcome.choice is None or outcome.stopped_by != "finished":
            return None
        used = float(row @ self.program.encode(outcome.choice))
        return max(0.0, used - float(self.program.row_upper[rows[0]])) * float(self.program.row_scale[rows[0]])

    def _run(self, program: JointProgram, solver: BackendName) -> Any:
        left = self.ends - time.monotonic()
        if left <= 0 or self.watch.stopped or solver not in registry.available():
            return None
        params = dataclasses.replace(self.params, backend=solver, time_limit_s=max(0.1, left))
        try:
            request = Request(self.joint, program, params)  # type: ignore[arg-type]
            return run(solver, request, cancelled=self.watch.cancelled, pool=self.watch.pool)
        except (BackendFailed, BackendRefused, BackendUnavailable):
            return None
