"""Shapley values: what each player adds to the cost of those before it, over all orders in which they may come."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, Literal

from optimizer.domain.errors import UsageError
from optimizer.shares.game import KINDS, groups_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.shares.costs import Cost, Costs
    from optimizer.shares.game import Game, Group
    from optimizer.studies.base import Budget

__all__ = ["PLAYERS", "Player", "Players", "Shapley", "players_of", "shapley_of"]

MOST_EXACT: Final = 12
"""Players up to which every order counts."""
PLAYERS: Final = ("entities", "regions", "organisations", "kinds")
"""Who plays."""
SAMPLES: Final = 20
"""Orders that are drawn unless another number is asked for."""

Method = Literal["exact", "sampled", "not_answered"]


@dataclass(frozen=True, slots=True)
class Player:
    """A player's value, money a year.

    Parameters
    ----------
    name : str
    lower, upper : float, optional
        By both ends of every cost; of a sample without its standard error.
    value : float, optional
        By the plans that are held.
    standard_error : float, optional
        Of a sample.
    """

    name: str
    lower: float | None
    value: float | None
    upper: float | None
    standard_error: float | None = None


@dataclass(frozen=True, slots=True)
class Shapley:
    """Values of all players; they add up to the least cost of all together.

    Parameters
    ----------
    method : {"exact", "sampled", "not_answered"}
    values : tuple of Player
    orders : int
        Orders drawn; 0 where all count.
    detail : str
        Why there are none.
    """

    method: Method
    values: tuple[Player, ...]
    orders: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Players:
    """Who plays, and for whom: each client is with one player."""

    by: str
    groups: Mapping[str, Group]

    def union(self, names: Sequence[str]) -> Group:
        """Clients of some players."""
        return frozenset[str]().union(*(self.groups[n] for n in names))


def players_of(game: Game, by: str | None) -> Players:
    """The players of a game.

    Parameters
    ----------
    game : Game
    by : {"entities", "regions", "organisations", "kinds"}, optional
        Left out: entities, where there are at most 12; else the first of regions, organisations and kinds with 2 to
        12 players; else entities. Clients without a name of the sort play together, as "".

    Raises
    ------
    UsageError
        There are no such players.
    """
    if by is not None and by not in PLAYERS:
        raise UsageError(f"players are {', '.join(PLAYERS)}, not {by!r}")
    entities = Players("entities", {c: frozenset({c}) for c in game.clients})
    if by == "entities" or (by is None and len(game.clients) <= MOST_EXACT):
        return entities
    sorts = [_by(game, kind) for kind in KINDS]
    if by is not None:
        return next(p for p in sorts if p.by == by)
    return next((p for p in sorts if 2 <= len(p.groups) <= MOST_EXACT), entities)


def _by(game: Game, kind: str) -> Players:
    found = {name: group for (what, name), group in groups_of(game.case, game.clients).items() if what == kind}
    rest = frozenset(game.clients) - frozenset[str]().union(*found.values())
    return Players(f"{kind}s", found | ({"": rest} if rest else {}))


def shapley_of(costs: Costs, players: Players, budget: Budget, *, samples: int | None, seed: int) -> Shapley:
    """Shapley values: exact up to 12 players, by drawn orders beyond or where a number of them is asked for.

    Parameters
    ----------
    costs : Costs
    players : Players
    budget : Budget
    samples : int, optional
        Orders to draw.
    seed : int
    """
    names = sorted(players.groups)
    if samples is None and len(names) <= MOST_EXACT:
        return _exact(costs, players, names, budget)
    return _sampled(costs, players, names, budget, SAMPLES if samples is None else samples, seed)


def _exact(costs: Costs, players: Players, names: Sequence[str], budget: Budget) -> Shapley:
    """Each player: Σ over groups without it of |S|! (n − |S| − 1)! / n! · (c(S and it) − c(S))."""
    n = len(names)
    every = [s for size in range(n + 1) for s in itertools.combinations(names, size)]
    known: dict[tuple[str, ...], Cost] = {}
    for i, some in enumerate(every):
        known[some] = costs.of(players.union(some), seconds=budget.share(len(every) - i))
        if known[some].upper is None:
            return Shapley("not_answered", (), detail=_why(known[some], some))
    weight = [math.factorial(k) * math.factorial(n - k - 1) / math.factorial(n) for k in range(n)]
    values = []
    for name in names:
        steps = [(weight[len(s)], known[s], known[tuple(sorted((*s, name)))]) for s in every if name not in s]
        lower = math.fsum(w * (after.least - before.most) for w, before, after in steps)
        value = math.fsum(w * (after.most - before.most) for w, before, after in steps)
        upper = math.fsum(w * (after.most - before.least) for w, before, after in steps)
        values.append(Player(name, _finite(lower), value, _finite(upper)))
    return Shapley("exact", tuple(values))


def _sampled(costs: Costs, players: Players, names: Sequence[str], budget: Budget, samples: int, seed: int) -> Shapley:
    """Means over orders drawn at random, with their standard errors; those drawn until the time is over count."""
    draw = Random(seed)
    steps: dict[str, list[tuple[float, float, float]]] = {name: [] for name in names}
    left = samples * len(names)
    for _ in range(samples):
        order = draw.sample(names, len(names))
        found = []
        for k in range(1, len(order) + 1):
            found.append(costs.of(players.union(order[:k]), seconds=budget.share(left)))
            left -= 1
            if found[-1].upper is None:
                return Shapley("not_answered", (), detail=_why(found[-1], order[:k]))
        if steps[names[0]] and (budget.over or costs.watch.stopped):
            break
        for name, before, after in zip(order, [costs.of(frozenset()), *found], found, strict=False):
            steps[name].append((after.least - before.most, after.most - before.most, after.most - before.least))
    values = tuple(_mean(name, steps[name]) for name in names)
    return Shapley("sampled", values, orders=len(steps[names[0]]) if names else 0)


def _mean(name: str, steps: Sequence[tuple[float, float, float]]) -> Player:
    n = len(steps)
    lower, value, upper = (math.fsum(s[i] for s in steps) / n for i in range(3))
    error = None if n < 2 else math.sqrt(math.fsum((s[1] - value) ** 2 for s in steps) / (n - 1) / n)
    return Player(name, _finite(lower), value, _finite(upper), error)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _why(cost: Cost, players: Sequence[str]) -> str:
    who = ", ".join(players)
    return f"{who} cannot be served by themselves" if cost.status == "impossible" else f"no plan for {who} in time"
