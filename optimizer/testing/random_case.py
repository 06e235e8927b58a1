"""One generator of random cases: any rule and option, few enough plans to look at every one."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.testing.draw import Draw
from optimizer.testing.enumerate import best_plan
from optimizer.testing.features import FEATURES
from optimizer.testing.magnitudes import mix
from optimizer.testing.random_rows import Sizes, random_rows
from optimizer.testing.tight import tight_case
from optimizer.testing.typed import case_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.domain.case import Case

__all__ = ["Figures", "random_case", "random_cases"]

Figures = Literal["usual", "mixed", "tight"]

TRIES: Final = 200
"""Draws after which a feasible case is given up: what was asked for leaves no plan."""
USUAL: Final = Sizes()
CASE_ROWS: Final = ("entities", "services", "demands", "providers", "offers", "tiers", "current", "decisions")


def random_case(
    seed: int,
    *,
    always: Sequence[str] = (),
    without: Sequence[str] = (),
    rich: bool = False,
    feasible: bool = False,
    figures: Figures = "usual",
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
    figures : {"usual", "mixed", "tight"}
        Mixed: volumes from thousandths to thousands of millions, limits that are sums of demands, met, missed or passed
        by a millionth. Tight: cases of their own, two to five demands and two or three providers, whose every
        limit is met to the last digit or just missed.
    sizes : Sizes
        Numbers of entities, services and providers to draw from; not for tight figures.
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
        name = f"{seed}/{attempt}" if attempt else seed
        case = _with_features(_drawn(name, figures, sizes, max_plans), Draw(f"features {name}"), always, without, rich)
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


def _drawn(name: int | str, figures: Figures, sizes: Sizes, max_plans: int) -> dict[str, Any]:
    """Typed rows of the case of a name."""
    if figures == "tight":
        case = tight_case(name)
        return {n: getattr(case, n) for n in (*CASE_ROWS, "policy", "countries")}
    rows = random_rows(Draw(name), sizes, max_plans)
    if figures == "mixed":
        mix(rows, Random(f"mixed {name}"))
    return rows


def _with_features(rows: dict[str, Any], draw: Draw, always: Sequence[str], without: Sequence[str], rich: bool) -> Case:
    for name, feature in FEATURES.items():
        wanted = name in always or (rich and feature.rare and draw.yes(feature.rare))
        if wanted and name not in without and not feature.is_on(rows):
            feature.on(rows, draw)
    for name in without:
        FEATURES[name].off(rows)
    return case_of(**rows)
