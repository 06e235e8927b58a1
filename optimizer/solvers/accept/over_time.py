"""One solve of a dynamic case, and only what holds exactly is believed.

Small cases go to an exact backend on the program of all periods; large ones to the engine, by parts.
"""

from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from optimizer.domain.errors import BackendRefused
from optimizer.model.time.formulate import build_joint_program
from optimizer.model.time.staying import staying_path
from optimizer.solvers import registry
from optimizer.solvers.accept.polish_over_time import polish_over_time
from optimizer.solvers.accept.solve import GAP_ABS_OPTIMAL, Solution, credible
from optimizer.solvers.base import Capability, Incumbent, Outcome, Progress, Request
from optimizer.solvers.over_time.backups import carried_over
from optimizer.solvers.over_time.decompose import Decomposition
from optimizer.solvers.process import run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.params import SolveParams, StopReason
    from optimizer.model.time.joint import JointProblem
    from optimizer.model.time.moves.scan import PricedStretches
    from optimizer.model.time.program import JointProgram, Path
    from optimizer.solvers.accept.watch import Watch

__all__ = ["Judge", "SolvedPath", "path_rows", "solve_joint"]

CUT_ROUNDS: Final = 20
"""Plans that break a rule by less than a solver's tolerance, cut off one after the other."""

JOINT_PAIRS: Final = 12_000
"""Eligible pairs of all periods together up to which ``auto`` takes an exact backend on the joint program."""

SECOND: Final = ("cpsat", "highs", "scip")
"""Backends asked whether a case is infeasible when another one says so."""

Row = tuple[str, str, int, str, str]


class Judge(Protocol):
    """Says what a plan breaks and costs: the verifier."""

    def violations(self, rows: Iterable[Row]) -> list[Any]: ...
    def cost(self, rows: Iterable[Row]) -> Any: ...


@dataclass(frozen=True, eq=False)
class SolvedPath:
    """What a solve came to; money discounted to the start of the horizon, ``bound`` never above ``objective``.

    ``suspect``: a period, from 0, of which a solver claims that no plan can serve it; not confirmed. ``scan``: single
    moves of the path, where they were all priced.
    """

    path: Path | None
    objective: float | None
    bound: float | None
    solution: Solution
    stopped_by: StopReason
    detail: str
    backend: str
    reason: str
    start_used: bool | None = None
    suspect: int | None = None
    scan: PricedStretches | None = None

    @classmethod
    def impossible(cls, detail: str) -> SolvedPath:
        """Arithmetic shows that there is no path."""
        return cls(None, None, None, "infeasible", "finished", detail, "none", "no solve needed")

    @classmethod
    def settled(
        cls,
        judge: Judge,
        joint: JointProblem,
        path: Path | None,
        bound: float | None,
        stopped_by: StopReason,
        detail: str,
    ) -> SolvedPath:
        """What a solve that was cut short had reached; as ``Solved.settled``, ``no_solution`` where nothing holds."""
        rows = None if path is None else path_rows(joint, path)
        if rows is None or judge.violations(rows):
            return cls(None, None, bound, "no_solution", stopped_by, detail, "none", "cut short")
        objective = float(judge.cost(rows).objective)
        bound, solution, detail = _proven(bound, objective, detail)
        return cls(path, objective, bound, solution, stopped_by, detail, "none", "cut short")


def path_rows(joint: JointProblem, path: Path) -> list[Row]:
    """(entity, service, number of the period, source or "", backup or "") for each demand and period."""
    out = []
    for t, stage in enumerate(joint.stages):
        for d in stage.demand.tolist():
            who, second = int(path.provider[t, d]), int(path.backup[t, d])
            names = ("" if who < 0 else joint.name(who), "" if second < 0 else joint.name(second))
            out.append((*joint.keys[d], t + 1, *names))
    return out


@dataclass(eq=False)
class _Search:
    """One solve: what, how long, judged by whom; and the best path so far that keeps every rule."""

    joint: JointProblem
    params: SolveParams
    judge: Judge
    watch: Watch
    began: float
    best: Path | None = None
    cost: float = math.inf
    scan: PricedStretches | None = None
    seen: list[Incumbent] = field(default_factory=list)

    def remaining(self) -> SolveParams:
        """The same limits with the time already spent taken off."""
        if self.params.time_limit_s is None:
            return self.params
        left = max(0.0, self.params.time_limit_s - (time.monotonic() - self.began))
        return dataclasses.replace(self.params, time_limit_s=left)

    def take(self, path: Path | None) -> bool:
        """Keep a path that holds when it is the cheapest yet; whether it holds."""
        return path is not None and self.priced(path) is not None

    def priced(self, path: Path) -> float | None:
        """The cost of a path that holds, which is kept when it is the cheapest yet; ``None`` where it does not."""
        rows = path_rows(self.joint, path)
        if self.judge.violations(rows):
            return None
        cost = float(self.judge.cost(rows).objective)
        if cost < self.cost:
            self.best, self.cost = path, cost
        return cost

    def told(self, news: Incumbent | Progress) -> None:
        """What a backend reports on its way."""
        if isinstance(news, Incumbent):
            self.seen.append(news)
            if self.watch.on_incumbent is not None:
                path: Any = news.choice
                self.watch.on_incumbent(news.objective, lambda: path_rows(self.joint, path))
        if self.watch.on_progress is not None:
            self.watch.on_progress(news)

    def ask(self, backend: str, program: JointProgram, start: Path | None) -> Outcome:
        """One run of a backend, its plans judged; the last one decides whether it is asked again."""
        request = Request(self.joint, program, self.remaining(), start)  # type: ignore[arg-type]
        outcome = run(
            backend,
            request,
            on_progress=self.told,
            cancelled=self.watch.cancelled,
            pool=self.watch.pool,
            grace_s=self.watch.grace_s,
        )
        if not self.take(outcome.choice):  # type: ignore[arg-type]
            for held in sorted(self.seen, key=lambda x: x.objective):
                if self.take(held.choice):  # type: ignore[arg-type]
                    break
        self.seen.clear()
        return outcome

    def polish(self) -> None:
        """Make single moves that save, of the best path; none for a user who wants to stop."""
        if self.best is not None:
            self.scan = polish_over_time(self.joint, self.best, self.cost, self.priced, lambda: self.watch.stopped).scan


def solve_joint(
    joint: JointProblem, params: SolveParams, judge: Judge, watch: Watch, *, start: Path | None = None
) -> SolvedPath:
    """Find a path of least discounted cost.

    Parameters
    ----------
    joint : JointProblem
    params : SolveParams
        ``engine`` takes the case by parts (``optimizer.solvers.over_time``); it has no work limit there.
    judge : Judge
        The verifier of the case; a plan leaves only when it finds nothing broken.
    watch : Watch
    start : Path, optional
        A path to start from, of this case or of one with other dates (``carried_over``). When it keeps every rule, the
        result is never worse; nor than everyone staying, where that does. Where it does not, the engine mends it.

    Raises
    ------
    BackendUnavailable, BackendRefused, BackendFailed
    """
    backend, reason = _backend(joint, params)
    search = _Search(joint, params, judge, watch, time.monotonic())
    carried = None
    if start is not None and not search.take(start):
        carried = carried_over(joint, start)
        search.take(carried)
    if backend == "engine":
        outcome, suspect = _by_parts(search, start, carried)
        return dataclasses.replace(_conclude(search, outcome, backend, reason), suspect=suspect)
    search.take(staying_path(joint))
    if search.best is not None:  # whoever looks on has a plan from the first moment on
        search.told(Incumbent(search.best, search.cost))  # type: ignore[arg-type]
    outcome = _until_exact(search, backend, search.best)
    if outcome.infeasible and search.best is None and not watch.stopped:
        outcome = _confirmed(search, backend, outcome)
    return _conclude(search, outcome, backend, reason)


def _by_parts(search: _Search, start: Path | None, carried: Path | None) -> tuple[Outcome, int | None]:
    """The engine on a large case: bounds of the periods, and plans that the judge has accepted; and a suspect.

    A start that keeps every rule is gone on from; one that does not is mended, carried over where that is possible.
    """
    held, planned = search.best, carried or start
    ended = Decomposition(search.joint, search.params, search.priced, search.watch, search.began, held, planned).run()
    used = None if start is None else held is not None
    return Outcome(ended.stopped_by, ended.detail, bound=ended.bound, start_used=used), ended.suspect


def _backend(joint: JointProblem, params: SolveParams) -> tuple[str, str]:
    """The backend for a dynamic case: an exact one on the joint program while that is small enough."""
    able = [n for n in ("highs", "cpsat", "scip", "pulp-highs", "cbc") if n in registry.available()]
    pairs = sum(stage.problem.n_pairs for stage in joint.stages)
    if params.backend == "auto":
        large = pairs > JOINT_PAIRS and params.work_limit is None and "engine" in registry.available()
        more = "more than" if pairs > JOINT_PAIRS else "at most"
        size = f"{pairs:,} eligible pairs of all periods, {more} {JOINT_PAIRS:,}"
        if large:
            return "engine", f"auto: engine (bounds of the periods, moves and dates by search; {size})"
        for name in able:
            try:
                registry.check(name, params)
            except BackendRefused:
                continue
            return name, f"auto: {name} (exact on the program of all periods; {size})"
    if params.backend == "engine" and params.work_limit is not None:
        raise BackendRefused(
            "the engine has no work limit for a case with a horizon; these have one: cpsat", "work_limit", ("cpsat",)
        )
    if params.backend == "auto":
        raise BackendRefused("no installed backend can do what is asked for a case with a horizon", "horizon", ())
    registry.check(params.backend, params)
    return params.backend, "asked for"


def _program(search: _Search, backend: str) -> JointProgram:
    """The program in the form that suits the numbers of a backend."""
    whole = registry.spec(backend).whole_numbers
    return build_joint_program(search.joint, tiers="by_pair" if whole else "by_line")


def _until_exact(search: _Search, backend: str, start: Path | None) -> Outcome:
    """Solve; while the plan breaks a rule by less than the solver's tolerance, cut it off and solve again."""
    program = _program(search, backend)
    registry.check(backend, search.params, program=program)  # type: ignore[arg-type]
    usable = start if Capability.WARM_START in registry.capabilities(backend) else None
    bound: float | None = None
    for _ in range(CUT_ROUNDS):
        outcome = search.ask(backend, program, usable)
        bound = max((b for b in (bound, outcome.bound) if b is not None), default=None)
        path: Any = outcome.choice
        if path is None or outcome.stopped_by not in ("finished", "gap"):
            break
        if not search.judge.violations(path_rows(search.joint, path)):
            break
        program = program.without(path)
    return dataclasses.replace(outcome, bound=bound)  # a cut takes one broken path away, so every bound stands


def _confirmed(search: _Search, backend: str, outcome: Outcome) -> Outcome:
    """A claim that no path exists, believed when a second backend of other arithmetic says so too."""
    for name in SECOND:
        if name == backend or name not in registry.available():
            continue
        plain = dataclasses.replace(search.params, backend_options={})
        second = dataclasses.replace(search, params=plain)
        again = _until_exact(second, name, None)
        if second.best is not None:
            search.best, search.cost = second.best, second.cost
            told = f"{outcome.detail}; refuted by {name}, which found a path"
            return dataclasses.replace(again, detail=told, infeasible=False)
        if again.infeasible:
            return dataclasses.replace(outcome, detail=f"{outcome.detail}; confirmed by {name}")
        break
    return dataclasses.replace(outcome, infeasible=False, detail=f"{outcome.detail}; not confirmed by a second backend")


def _conclude(search: _Search, outcome: Outcome, backend: str, reason: str) -> SolvedPath:
    bound = outcome.bound if outcome.bound is not None and math.isfinite(outcome.bound) else None
    if bound is None or search.cost - bound > GAP_ABS_OPTIMAL:
        search.polish()
    detail, objective = outcome.detail, None if search.best is None else search.cost
    if objective is None:
        solution: Solution = "infeasible" if outcome.infeasible else "no_solution"
        bound = None if outcome.infeasible else bound
    else:
        bound, solution, detail = _proven(bound, objective, detail)
    return SolvedPath(
        search.best,
        objective,
        bound,
        solution,
        outcome.stopped_by,
        detail,
        backend,
        reason,
        outcome.start_used,
        scan=search.scan,
    )


def _proven(bound: float | None, objective: float, detail: str) -> tuple[float | None, Solution, str]:
    """A bound as far as it is believed, and what a plan of this cost is with it."""
    bound, detail = credible(bound, objective, detail)
    closed = bound is not None and objective - bound <= GAP_ABS_OPTIMAL
    return bound, "optimal" if closed else "feasible", detail
