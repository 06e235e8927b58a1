"""A generator of small dynamic cases: every feature of planning over time, few enough paths to try each one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.testing.draw import Draw
from optimizer.testing.random_rows import Sizes, random_rows
from optimizer.testing.time_limits import put_policy
from optimizer.testing.time_paths import MAX_PATHS, best_path, count_paths
from optimizer.testing.time_rows import ADDITIONS, with_horizon
from optimizer.testing.typed import case_of
from optimizer.verify.time.periods import period_cases

if TYPE_CHECKING:
    from optimizer.domain.case import Case

__all__ = ["random_dynamic_case"]

SIZES: Final = Sizes(entities=(1, 2, 2, 3), services=(1, 2, 2, 3, 3), providers=(2, 3))
TRIES: Final = 200


def random_dynamic_case(seed: int, *, feasible: bool = False, max_paths: int = MAX_PATHS, **policy: Any) -> Case:
    """The dynamic case of a seed: one to four periods, at most three entities, services and providers.

    Parameters
    ----------
    seed : int
        The same seed and arguments give the same case, on every machine.
    feasible : bool
        Draw again until a path keeps every rule.
    max_paths : int
        Demands are left out until there are not more paths to try.
    **policy
        Keys of the policy that the case has for sure, e.g. ``wave_by="entity"``.

    Raises
    ------
    ValueError
        No draw was feasible.

    Examples
    --------
    >>> from optimizer.testing import random_dynamic_case
    >>> random_dynamic_case(7, wave_by="entity").policy.wave_by
    'entity'
    """
    for attempt in range(TRIES):
        case = _drawn(f"time {seed}/{attempt}", max_paths, policy)
        if case.demands and (not feasible or best_path(case) is not None):
            return case
    raise ValueError(f"no path in {TRIES} draws of seed {seed}")


def _drawn(name: str, max_paths: int, policy: dict[str, Any]) -> Case:
    draw = Draw(name)
    rows = random_rows(draw, SIZES, 10**9)
    with_horizon(rows, draw)
    for add in ADDITIONS:
        add(rows, draw)
    put_policy(rows, **policy)
    case = _present(case_of(**rows))
    while count_paths(case) > max_paths:
        rows["demands"] = rows["demands"][:-1]
        case = _present(case_of(**rows))
    return case


def _present(case: Case) -> Case:
    """Without the demands that no period holds, as the reader leaves them out; entities stay."""
    there = {d.key for p in period_cases(case) for d in p.case.demands}
    return case.having(demands=tuple(d for d in case.demands if d.key in there))
