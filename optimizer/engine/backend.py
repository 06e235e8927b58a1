"""The engine as a backend: phases, budget, threads, and what comes back."""

from __future__ import annotations

import math
import resource
import threading
from typing import TYPE_CHECKING

import numpy as np

from optimizer.backends.base import Backend, Capability, Outcome
from optimizer.engine.board import Board
from optimizer.engine.data import pack
from optimizer.engine.lns import Lns
from optimizer.engine.proof import LEFT_COLUMNS, Proof
from optimizer.engine.search import Searcher
from optimizer.formulation.build import build_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.backends.base import Incumbent, Progress, Request
    from optimizer.formulation.program import Program

__all__ = ["EngineBackend"]

SMALL_PAIRS = 3000
"""Pairs up to which the whole program goes to HiGHS after a short search."""
SEARCH_SHARE = 0.35
SEARCH_S = 30.0
"""Share of the budget, and seconds at most, that annealing gets before the neighbourhoods."""


class EngineBackend:
    """Bounds by relaxation, plans by construction, annealing and large neighbourhoods; anytime."""

    name = "engine"
    needs_program = False
    capabilities = (
        Capability.TIME_LIMIT
        | Capability.WORK_LIMIT
        | Capability.WARM_START
        | Capability.BOUND
        | Capability.INCUMBENTS
        | Capability.OPTIMALITY
        | Capability.THREADS
        | Capability.SEED
        | Capability.MEMORY_LIMIT
    )

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run to a limit, a proof or a cancel (see ``Backend.solve``)."""
        return _Run(request, Board(request.params, report, cancelled)).run()


class _Run:
    """One solve, phase by phase."""

    def __init__(self, request: Request, board: Board) -> None:
        self.request, self.board, self.problem = request, board, request.problem
        self.start_used: bool | None = None
        self.failure: BaseException | None = None

    def run(self) -> Outcome:
        board = self.board
        if (np.diff(self.problem.pairs.start) == 0).any() or self._lock_impossible():
            board.infeasible = True
            board.stats["reason"] = "a demand without an eligible provider"
            return self.outcome()
        self.data = pack(self.problem)
        self.searcher = Searcher(self.problem, self.data, board, board.params.seed)
        self._begin()
        if not board.stop():
            self._improve()
        return self.outcome()

    def _lock_impossible(self) -> bool:
        locked = np.flatnonzero(self.problem.locked >= 0)
        return any((d, int(self.problem.locked[d])) not in self.problem.pair_of for d in locked.tolist())

    def _begin(self) -> None:
        """First plan: the start as it is, then repaired, or built from nothing."""
        self.board.phase = "construction"
        start = self.request.start
        if start is not None:
            self.start_used = self.searcher.take(start) < math.inf
        self.searcher.construct(start)
        if start is not None and self.board.choice is None:
            self.searcher.construct()

    def _improve(self) -> None:
        if self.problem.n_pairs <= SMALL_PAIRS:
            self._small()
        elif self.board.params.threads > 1 and not self.board.deterministic:
            self._side_by_side()
        else:
            self._in_turn()

    def _small(self) -> None:
        """Short search, then the whole program to the end."""
        self._search(0.1, 1.0)
        proof = Proof(build_program(self.problem), self.searcher, self.board)
        if not self.board.stop():
            self.board.phase = "relaxation"
            proof.relax()
        if not self.board.stop():
            self.board.phase = "exact"
            proof.finish()

    def _search(self, share: float, seconds: float) -> None:
        """Anneal for a share of the budget."""
        board = self.board
        board.phase = "search"
        began_spent, began = board.spent(), board.elapsed()

        def done() -> float:
            used = (board.spent() - began_spent) / share
            return used if board.deterministic else max(used, (board.elapsed() - began) / seconds)

        self.searcher.run(done)

    def _in_turn(self) -> None:
        """One thread: search, relaxation, neighbourhoods, exact end."""
        board = self.board
        self._search(SEARCH_SHARE, SEARCH_S)
        program = build_program(self.problem)
        proof = Proof(program, self.searcher, board)
        if not board.stop():
            board.phase = "relaxation"
            proof.relax(0.6)
        self._neighbourhoods(program, proof, self.searcher, board.params.seed)

    def _side_by_side(self) -> None:
        """Two threads: relaxation and neighbourhoods beside search and neighbourhoods."""
        board = self.board
        program = build_program(self.problem)
        other = Searcher(self.problem, self.data, board, board.params.seed + 1)

        def beside() -> None:
            try:
                proof = Proof(program, other, board)
                proof.relax()
                self._neighbourhoods(program, proof, other, board.params.seed + 1)
            except BaseException as error:  # handed to the main thread
                self.failure = error

        thread = threading.Thread(target=beside, name="engine-bound", daemon=True)
        thread.start()
        self._search(SEARCH_SHARE, SEARCH_S)
        self._neighbourhoods(program, None, self.searcher, board.params.seed)
        thread.join()
        if self.failure is not None:
            raise self.failure

    def _neighbourhoods(self, program: Program, proof: Proof | None, searcher: Searcher, seed: int) -> None:
        board = self.board
        if board.choice is None and not board.stop():
            board.phase = "feasibility"
            (proof or Proof(program, searcher, board)).feasible()
        lns = Lns(program, searcher, board, seed)
        board.phase = "neighbourhoods"
        while not board.stop() and board.choice is not None:
            if proof is not None and lns.steps % 50 == 10 and self._worth_finishing(proof):
                proof.finish()
            lns.step()
        board.stats[f"neighbourhoods_{seed}"] = lns.steps

    def _worth_finishing(self, proof: Proof) -> bool:
        if proof.reduced is None:
            return False
        left = proof.left_over()
        return left is None or len(left.columns) <= LEFT_COLUMNS

    def outcome(self) -> Outcome:
        """Why it stopped, what is held, what bound is claimed."""
        board = self.board
        if board.why is None:
            board.stop()
        why = board.why or "finished"
        found = board.choice is not None
        board.stats["seconds"] = board.elapsed()
        return Outcome(
            stopped_by=why,
            detail=f"engine: {board.phase or 'no phase'}",
            choice=board.choice,
            objective=board.objective if found else None,
            bound=board.bound if math.isfinite(board.bound) else None,
            infeasible=board.infeasible and not found,
            start_used=self.start_used,
            work=board.work,
            peak_rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            stats=dict(board.stats),
        )


_: type[Backend] = EngineBackend
