"""A problem under one more condition: demands held at a provider, or kept away from one.

A condition fixes or bans what serves a demand and nothing else: a provider that may not serve it may still be its
backup, and every rule is as before. So each plan of the changed problem that keeps the condition is one of the first.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.parts import Choice, Pairs
    from optimizer.model.problem import Problem
    from optimizer.model.side import Side

__all__ = ["barring", "beside", "fixed", "fixes", "keep_pairs", "staying", "within", "without"]


def fixed(problem: Problem, providers: Mapping[int, int]) -> Problem:
    """The problem with some demands held at a provider.

    Parameters
    ----------
    problem : Problem
    providers : mapping of int to int
        Provider index by demand; ``n_providers`` for own capacity. What contradicts a lock leaves no plan.
    """
    locked, barred = problem.locked.copy(), np.zeros(problem.n_pairs, np.bool_)
    for demand, provider in providers.items():
        if locked[demand] >= 0 and locked[demand] != provider:
            barred |= problem.pairs.demand == demand
        locked[demand] = provider
    return dataclasses.replace(keep_pairs(problem, ~barred), locked=locked)


def without(problem: Problem, demand: int, provider: int, price: float) -> Problem:
    """The problem with a demand kept away from a provider.

    A critical demand may still name the provider as its backup, so there the pair stays at a price, money a year:
    plans without it cost what they did, so every bound of the changed problem holds for them.
    """
    at = int(problem.pair_index(demand, provider))
    return problem if at < 0 else barring(problem, np.arange(problem.n_pairs) == at, price)


def barring(problem: Problem, bad: Bools, price: float) -> Problem:
    """The problem with some pairs taken away, as ``without`` does it for one.

    Parameters
    ----------
    problem : Problem
    bad : ndarray of shape (n_pairs,), bool
    price : float
    """
    backed = bad & problem.critical[problem.pairs.demand] & (problem.pairs.provider < problem.n_providers)
    backed &= problem.scalars.backup
    if backed.any():
        transition = problem.pairs.transition + np.where(backed, price, 0.0)
        pairs = dataclasses.replace(problem.pairs, transition=transition)
        named = zip(problem.pairs.demand[backed].tolist(), problem.pairs.provider[backed].tolist(), strict=True)
        problem = dataclasses.replace(problem, pairs=pairs, barred=(*problem.barred, *named))
    return keep_pairs(problem, ~(bad & ~backed))


def beside(problem: Problem, *sides: Side) -> Problem:
    """The problem under side conditions as well."""
    return dataclasses.replace(problem, side=(*problem.side, *sides))


def staying(problem: Problem, effort_fte: float) -> Problem:
    """The problem with every demand of less effort held where it is, if it can stay there.

    Parameters
    ----------
    problem : Problem
    effort_fte : float
        FTE from which a demand may move.
    """
    today = problem.current
    small = np.flatnonzero((today >= 0) & (problem.effort_fte < effort_fte) & (problem.locked < 0))
    able = small[problem.pair_index(small, today[small]) >= 0]
    return fixed(problem, {int(d): int(today[d]) for d in able})


def fixes(problem: Problem, choice: Choice) -> Bools:
    """Demands that a plan has where the problem wants them: at the locked provider, on a pair that there is."""
    at = problem.pair_index(np.arange(problem.n_demands), choice.provider)
    return np.asarray((at >= 0) & ((problem.locked < 0) | (problem.locked == choice.provider)), np.bool_)


def within(problem: Problem, choice: Choice) -> bool:
    """Whether a plan serves all and keeps every condition of the problem."""
    held = bool(fixes(problem, choice).all()) and all(choice.provider[d] != p for d, p in problem.barred)
    return held and all(side.holds(choice) for side in problem.side)


def keep_pairs(problem: Problem, keep: Bools) -> Problem:
    """The problem with some of its pairs; all indices but those of pairs stay.

    Parameters
    ----------
    problem : Problem
    keep : ndarray of shape (n_pairs,), bool
    """
    if keep.all():
        return problem
    pairs = problem.pairs
    count = np.bincount(pairs.demand[keep], minlength=problem.n_demands)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return dataclasses.replace(problem, pairs=_some(pairs, keep, start))


def _some(pairs: Pairs, keep: Bools, start: Ints) -> Pairs:
    arrays: dict[str, Any] = {f.name: getattr(pairs, f.name) for f in dataclasses.fields(pairs) if f.name != "start"}
    kept: dict[str, Any] = {name: None if values is None else values[keep] for name, values in arrays.items()}
    return dataclasses.replace(pairs, start=start, **kept)
