"""What a backend is: declared capabilities, one request, one outcome, three separate facts.

A backend runs in a child process of its own (``optimizer.solvers.process``). It says *why it
stopped*, *what it holds* and *what bound it claims*; none of these is believed before the plan
has been verified.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Flag, auto
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from optimizer.domain.params import SolveParams, StopReason

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.model.program.program import Program

__all__ = [
    "HANDED_OVER",
    "Backend",
    "Capability",
    "Incumbent",
    "Outcome",
    "PairBounds",
    "Prepares",
    "Progress",
    "Request",
]

HANDED_OVER: Final = "exact_status"
"""Key in ``Outcome.stats`` of a backend that gave the rest to HiGHS: how that ended."""


class Capability(Flag):
    """What a backend can do; what it lacks is refused with a code."""

    TIME_LIMIT = auto()
    WORK_LIMIT = auto()
    WARM_START = auto()
    BOUND = auto()
    INCUMBENTS = auto()
    PROVES_INFEASIBILITY = auto()
    OPTIMALITY = auto()
    THREADS = auto()
    SEED = auto()
    MEMORY_LIMIT = auto()


@dataclass(frozen=True, eq=False)
class Request:
    """One job for a backend.

    Parameters
    ----------
    problem : Problem
    program : Program, optional
        Present for backends that work on the program (all but the engine).
    params : SolveParams
    start : Choice, optional
        A plan to start from; need not be feasible.
    """

    problem: Problem
    program: Program | None
    params: SolveParams
    start: Choice | None = None


@dataclass(frozen=True, eq=False)
class Incumbent:
    """A plan the backend holds; ``objective`` is its claim, recomputed before use."""

    choice: Choice
    objective: float


@dataclass(frozen=True, slots=True)
class Progress:
    """One line of the progress stream. Money a year; ``None`` = not known yet.

    ``notice``: ``phase`` says why nothing will be heard for a while, before the clock starts; worth telling also
    where progress is not shown.
    """

    elapsed_s: float
    incumbent: float | None
    bound: float | None
    phase: str = ""
    notice: bool = False


@dataclass(frozen=True, eq=False)
class PairBounds:
    """What plans cost at least, money a year.

    Parameters
    ----------
    least : float
        Any plan; −inf where nothing is known.
    with_, without : ndarray of shape (n_pairs,)
        Any plan that has the pair, and any that has not; +inf where there is none.
    """

    least: float
    with_: NDArray[np.float64]
    without: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came back.

    Parameters
    ----------
    stopped_by : StopReason
    detail : str
        Native status, kept verbatim, and any message.
    choice : Choice, optional
        Best plan held.
    objective : float, optional
        The backend's claim for ``choice``.
    bound : float, optional
        Lower bound on any plan's cost; ``None`` when the backend has none.
    infeasible : bool
        The backend claims a proof that no plan exists.
    exact : bool
        What it claims was reached in whole numbers, with no row rounded and no tolerance.
    start_used : bool, optional
        Whether the start was accepted; ``None`` when none was given or it cannot tell.
    work : int, optional
        Work units used, where the backend counts them.
    values : ndarray, optional
        The program's columns at ``choice``, from backends that have them all at the end.
    prepared_s : float
        Seconds that went by before the clock started, because something had to be prepared once; set by the parent.
    pair_bounds : PairBounds, optional
        Where just these were asked for.
    ray : ndarray, optional
        Where just this was asked for: a multiplier for each row which together show that no values keep them all.
    duals : ndarray, optional
        Where a linear program was asked for: what one unit more of each row's bound would cost.
    stats : mapping
        Anything else worth keeping (nodes, iterations …), numbers or short strings.
    """

    stopped_by: StopReason
    detail: str
    choice: Choice | None = None
    objective: float | None = None
    bound: float | None = None
    infeasible: bool = False
    start_used: bool | None = None
    work: int | None = None
    peak_rss_mb: float | None = None
    values: NDArray[np.float64] | None = None
    prepared_s: float = 0.0
    stats: dict[str, float | int | str] = field(default_factory=dict)
    exact: bool = False
    pair_bounds: PairBounds | None = None
    ray: NDArray[np.float64] | None = None
    duals: NDArray[np.float64] | None = None


class Backend(Protocol):
    """Implemented once per file in ``optimizer.solvers`` (and by ``optimizer.solvers.engine``)."""

    name: str
    capabilities: Capability
    needs_program: bool

    def solve(
        self,
        request: Request,
        report: Callable[[Incumbent | Progress], None],
        cancelled: Callable[[], bool],
    ) -> Outcome:
        """Run to a limit or the end, reporting incumbents and bounds on the way.

        Called in the child process only. ``report`` sends to the parent at once, so that the
        best plan survives a kill. ``cancelled`` is cheap to poll.
        """
        ...


@runtime_checkable
class Prepares(Protocol):
    """A backend that has something to do once on each machine, before the clock of a solve starts."""

    def prepare(self, say: Callable[[str], None], cancelled: Callable[[], bool]) -> None:
        """Do it unless it is done; ``say`` gets a line first. Returns early when ``cancelled()``."""
        ...
