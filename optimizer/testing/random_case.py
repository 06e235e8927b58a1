"""One generator of random cases: any rule and option, few enough plans to look at every one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from optimizer.testing.draw import Draw
from optimizer.testing.enumerate import best_plan
from optimizer.testing.features import FEATURES
from optimizer.testing.random_rows import Sizes, random_rows
from optimizer.testing.typed import case_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.domain.case import Case

__all__ = ["random_case", "random_cases"]

TRIES: Final = 200
"""Draws after which a feasible case is given up: what was asked for leaves no plan."""
USUAL: Final = Sizes()


def random_case(
    seed: int,
    *,
    always: Sequence[str] = (),
    without: Sequence[str] = (),
    rich: bool = False,
    feasible: bool = False,
    sizes: Sizes = USUAL,
    max_plans: int = 50_000,
) -> Case:
    """The case of a seed: at most six demands and four providers unless ``sizes`` says more.

    Parameters
    ----------
    seed : int
        The same seed and arguments give the same case, on every machine.
    always, without : sequence of str
        Features (names of ``FEATURES``) that the case has for sure, or has not; all others are drawn.
    rich : bool
        Rare features too: entities that close, estimates, an entity that is gone, a register, …
    feasible : bool
        Draw again until a plan exists.
    sizes : Sizes
        Numbers of entities, services and providers to draw from.
    max_plans : int
        Demands are left out until (providers + 1) ^ demands is not more.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        A feature is unknown or asked for both ways; or no draw had a plan.

    Examples
    --------
    >>> from optimizer.testing import random_case
    >>> case = random_case(7, always=("backup",), without=("max_moves",), feasible=True)
    >>> case.policy.backup, case.policy.max_moves
    (True, None)
    """
    _check(always, without)
    for attempt in range(TRIES if feasible else 1):
        draw = Draw(f"{seed}/{attempt}" if attempt else seed)
        case = _drawn(draw, always, without, rich, sizes, max_plans)
        if not feasible or best_plan(case) is not None:
            return case
    raise ValueError(f"no plan in {TRIES} draws of seed {seed}: ask for fewer features")


def random_cases(number: int, first: int = 0, **options: object) -> Iterator[tuple[int, Case]]:
    """Seeds and cases from ``first`` on; ``options`` as ``random_case`` takes them."""
    for seed in range(first, first + number):
        yield seed, random_case(seed, **options)  # type: ignore[arg-type]


def _check(always: Sequence[str], without: Sequence[str]) -> None:
    if unknown := sorted({*always, *without} - set(FEATURES)):
        raise ValueError(f"no such feature: {', '.join(unknown)}; there are {', '.join(FEATURES)}")
    if both := sorted({*always} & {*without}):
        raise ValueError(f"asked for both ways: {', '.join(both)}")


def _drawn(draw: Draw, always: Sequence[str], without: Sequence[str], rich: bool, sizes: Sizes, max_plans: int) -> Case:
    rows = random_rows(draw, sizes, max_plans)
    for name, feature in FEATURES.items():
        wanted = name in always or (rich and feature.rare and draw.yes(feature.rare))
        if wanted and name not in without and not feature.is_on(rows):
            feature.on(rows, draw)
    for name in without:
        FEATURES[name].off(rows)
    return case_of(**rows)
