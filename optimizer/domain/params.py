"""What a caller may ask of a solve, the same for every backend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

__all__ = ["BACKENDS", "DEFAULT_TIME_LIMIT_S", "BackendName", "SolveParams", "StopReason"]

DEFAULT_TIME_LIMIT_S: Final = 300.0
"""A large case is never proven to the last cent; nobody should have to find that out by waiting."""

_LEFT_OUT: Final[Any] = object()
"""``None`` has a meaning of its own: no limit."""

BackendName = Literal["auto", "engine", "highs", "cbc", "pulp-highs", "cpsat", "scip"]
BACKENDS: tuple[BackendName, ...] = ("auto", "engine", "highs", "cbc", "pulp-highs", "cpsat", "scip")

StopReason = Literal["finished", "gap", "time", "work", "memory", "user", "error"]

_RANGES: tuple[tuple[str, float, float], ...] = (
    ("time_limit_s", 0.0, 1e9),
    ("work_limit", 0, 10**15),
    ("memory_limit_mb", 1, 10**9),
    ("threads", 1, 1024),
    ("seed", 0, 2**31 - 1),  # what every solver takes
)


@dataclass(frozen=True, slots=True)
class SolveParams:
    """Limits and choices of one solve.

    Parameters
    ----------
    backend : str, default "auto"
    time_limit_s : float or None, default 300.0
        Wall-clock seconds for the solver; ``None`` = no limit. Left out together with a ``work_limit``: no limit
        either, so that work alone decides where the solver stops.
    work_limit : int, optional
        Deterministic work units of the backend (refused where it has none).
    gap_rel : float, default 0.0
        Stop when (objective − bound) / |objective| is at most this.
    threads : int, default 1
    memory_limit_mb : int, optional
        Resident memory of the child process, megabytes.
    seed : int, default 0
        0 … 2³¹ − 1.
    backend_options : mapping
        Native options of the chosen backend; they win over the common ones.
    """

    backend: BackendName = "auto"
    time_limit_s: float | None = _LEFT_OUT
    work_limit: int | None = None
    gap_rel: float = 0.0
    threads: int = 1
    memory_limit_mb: int | None = None
    seed: int = 0
    backend_options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from optimizer.domain.options import Options

        if self.time_limit_s is _LEFT_OUT:
            limit = DEFAULT_TIME_LIMIT_S if self.work_limit is None else None
            object.__setattr__(self, "time_limit_s", limit)  # the class is frozen
        asked = Options()
        if self.backend not in BACKENDS:
            told, remedy = f"unknown backend {self.backend!r}", f"choose one of {', '.join(BACKENDS)}"
            asked.refuse("option_not_offered", "backend", told, remedy)
        for name, least, most in _RANGES:
            asked.number(name, getattr(self, name), least, most, whole=name != "time_limit_s")
        if not 0 <= self.gap_rel < 1:
            told, remedy = f"gap_rel is {self.gap_rel}", "give a number in [0, 1)"
            asked.refuse("option_out_of_range", "gap_rel", told, remedy)
        asked.done()
