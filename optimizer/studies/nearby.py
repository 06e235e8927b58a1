"""Plans near one in hand that have a demand at a provider: first upper ends, before anything is searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.evaluate import evaluate
from optimizer.model.moves.new_backups import new_backups
from optimizer.model.moves.single_moves import Counts, moves_of
from optimizer.model.parts import Choice
from optimizer.model.scan import Priced
from optimizer.plan.backups import with_backups

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Floats, Ints
    from optimizer.model.problem import Problem

__all__ = ["made", "moved_with", "near_plans", "together"]

MOST_LEAVING: Final = 60
"""Demands that may be sent away from a provider that is full."""


def near_plans(problem: Problem, choice: Choice, demand: int, provider: int) -> Iterator[Choice]:
    """Plans that differ from one in hand by little and have a demand at a provider; not all keep the rules.

    Moved alone; with its bundle, or all of its entity; after others made room.

    Parameters
    ----------
    problem : Problem
        Without a lock on the demand.
    choice : Choice
        A plan that keeps every rule of the problem, but perhaps has the demand where it may not be.
    demand, provider : int
    """
    if int(choice.provider[demand]) == provider:
        yield choice
        return
    pair = int(problem.pair_index(demand, provider))
    if pair < 0:
        return
    alone = moved_with(problem, choice, np.array([pair]))
    yield alone if alone is not None else together(problem, choice, [demand], provider)
    e, bundle = problem.demand_entity[demand], problem.bundle[demand]
    groups = [np.flatnonzero(problem.bundle == bundle)] if bundle >= 0 else []
    for group in [*groups, np.flatnonzero(problem.demand_entity == e)]:
        fit = group[problem.pair_index(group, np.full(len(group), provider)) >= 0]
        if len(fit) > 1:
            yield together(problem, choice, fit.tolist(), provider)
    if alone is not None:
        return
    for start in _starts(problem, choice, demand, provider):
        if (filled := _filled(problem, start, demand, provider)) is not None:
            yield filled
            return
        second = moved_with(problem, start, np.array([pair]))
        second = _after_room(problem, start, pair) if second is None else second
        if second is not None:
            yield second
            return


def _filled(problem: Problem, choice: Choice, demand: int, provider: int) -> Choice | None:
    """The plan with so many others beside the demand that a line which was closed carries its least volume.

    The cheapest a unit, of entities that may deal with the provider; ``None`` where it is open or cannot be filled.
    """
    if provider == problem.n_providers:
        return None
    service, exact = problem.demand_service[demand], problem.exact
    line = int(problem.lines.index[provider, service])
    if (
        line < 0
        or exact.line.least[line] <= exact.volume[demand]
        or (choice.provider[_of(problem, service)] == provider).any()
    ):
        return None
    missing = int(exact.line.least[line]) - int(exact.volume[demand])
    joining: list[int] = []
    for d in _cheapest_to_join(problem, choice, demand, provider):
        if missing <= 0:
            break
        joining.append(d)
        missing -= int(exact.volume[d])
    if missing > 0:
        return None
    minutes = sum(int(exact.site.amount[d]) for d in (demand, *joining))
    roomy = _with_room(problem, choice, provider, minutes)
    return None if roomy is None else together(problem, roomy, [demand, *joining], provider)


def _of(problem: Problem, service: int) -> Ints:
    """Demands of a service."""
    return np.flatnonzero(problem.demand_service == service)


def _cheapest_to_join(problem: Problem, choice: Choice, demand: int, provider: int) -> list[int]:
    """Demands of the same service that may come, the cheapest a unit first, as far as prices of pairs tell."""
    e, most = problem.demand_entity, problem.scalars.max_providers_per_entity
    dealt = Counts.of(problem, choice).relation > 0
    welcome = dealt[:, provider] | (most is None or dealt.sum(axis=1) < (most or 0))
    pair = problem.pair_index(np.arange(problem.n_demands), np.full(problem.n_demands, provider))
    now = problem.pair_index(np.arange(problem.n_demands), choice.provider)
    fit = (problem.demand_service == problem.demand_service[demand]) & (problem.locked < 0) & (pair >= 0) & (now >= 0)
    fit &= welcome[e] & (np.arange(problem.n_demands) != demand)
    d = np.flatnonzero(fit)
    there = problem.pairs.linear[pair[d]] + np.where(dealt[e[d], provider], 0.0, problem.scalars.interface_cost)
    line = problem.lines.index[np.minimum(choice.provider[d], problem.n_providers - 1), problem.demand_service[d]]
    own = choice.provider[d] == problem.n_providers
    paid = np.where(own | (line < 0), 0.0, problem.lines.first_unit_cost[line]) * problem.volume[d]
    extra = (there - problem.pairs.linear[now[d]] - paid) / problem.volume[d]
    return [int(i) for i in d[np.argsort(extra, kind="stable")]]


def _with_room(problem: Problem, choice: Choice, provider: int, minutes: int) -> Choice | None:
    """The plan after the cheapest left a site until so many minutes fit, in the measure of sites."""
    exact = problem.exact.site
    for _ in range(MOST_LEAVING):
        counts = Counts.of(problem, choice)
        lacks = int(counts.minutes[provider]) + int(counts.fallback.sites.worst[provider]) + minutes
        lacks -= int(exact.most[provider])
        if lacks <= 0:
            return choice
        there = np.flatnonzero(choice.provider == provider)
        found = Priced.of(moves_of(counts, _pairs_of(problem, there)))
        if not len(found.at):
            return None
        relief = np.minimum(exact.amount[found.moves.demand[found.at]], lacks).astype(np.float64) / lacks
        score = (np.maximum(found.extra, 0.0) + 1e-9) / np.maximum(relief, 1e-12)
        choice = made(choice, found, found.at[[int(np.argmin(score))]])
    return None


def _starts(problem: Problem, choice: Choice, demand: int, provider: int) -> list[Choice]:
    """Plans from which the demand may leave, and the entity may deal with one provider more, the cheapest first."""
    choice = _relieved(problem, choice, demand)
    most, e, own = problem.scalars.max_providers_per_entity, problem.demand_entity[demand], problem.n_providers
    mine = np.flatnonzero((problem.demand_entity == e) & (np.arange(problem.n_demands) != demand))
    dealt = sorted({int(p) for p in choice.provider[mine]} - {own})
    if most is None or provider in (*dealt, own) or len(dealt) < most:
        return [choice]
    plans = []
    for left in dealt:
        there = mine[choice.provider[mine] == left]
        plan = _sent_to(problem, choice, there.tolist(), [p for p in (*dealt, own) if p != left])
        if plan is not None:
            plans.append((evaluate(problem, plan).total, left, plan))
    return [plan for _, _, plan in sorted(plans, key=lambda found: found[:2])]


def _relieved(problem: Problem, choice: Choice, demand: int) -> Choice:
    """The plan with another demand beside one that alone lets its provider be a backup of others."""
    counts, old = Counts.of(problem, choice), int(choice.provider[demand])
    line = int(counts.tally.line[demand])
    if line < 0 or counts.line[line] > 1 or not counts.fallback.relying[line]:
        return choice
    same = problem.demand_service[problem.pairs.demand] == problem.demand_service[demand]
    joining = np.flatnonzero(same & (problem.pairs.provider == old) & (problem.pairs.demand != demand))
    return moved_with(problem, choice, joining) or choice


def _sent_to(problem: Problem, choice: Choice, demands: list[int], providers: list[int]) -> Choice | None:
    """Each of some demands at the cheapest of some providers, one allowed move after the other."""
    plan: Choice | None = choice
    for d in demands:
        pairs = problem.pair_index(np.full(len(providers), d), np.array(providers))
        plan = None if plan is None else moved_with(problem, plan, pairs[pairs >= 0])
    return plan


def moved_with(problem: Problem, choice: Choice, pair: Ints) -> Choice | None:
    """The plan after one allowed move to any of these pairs, the cheapest; ``None`` where none is allowed."""
    found = Priced.of(moves_of(Counts.of(problem, choice), pair))
    if not len(found.at):
        return None
    best = found.at[[int(np.argmin(found.extra))]]
    return made(choice, found, best)


def made(choice: Choice, found: Priced, at: Ints) -> Choice:
    """The plan after the moves at ``at``, backups with them."""
    moves = found.moves.some(at)
    provider, backup = choice.provider.copy(), choice.backup.copy()
    provider[moves.demand], backup[moves.demand] = moves.new, new_backups(moves)
    return Choice(provider, backup)


def together(problem: Problem, choice: Choice, demands: list[int], provider: int) -> Choice:
    """The plan with some demands at one provider, backups chosen anew for them; rules kept or not."""
    who, second = choice.provider.copy(), choice.backup.copy()
    who[demands], second[demands] = provider, -1
    return Choice(who, with_backups(problem, Choice(who, second)))


def _after_room(problem: Problem, choice: Choice, pair: int) -> Choice | None:
    """The plan where others left a provider that is full, the cheapest first for what each makes free."""
    provider, demand = int(problem.pairs.provider[pair]), int(problem.pairs.demand[pair])
    if provider == problem.n_providers:
        return None
    for _ in range(MOST_LEAVING):
        counts = Counts.of(problem, choice)
        there = np.flatnonzero((choice.provider == provider) & (np.arange(problem.n_demands) != demand))
        relief = _relief(counts, there, demand, provider)
        if not relief.any():
            return None
        found = Priced.of(moves_of(counts, _pairs_of(problem, there[relief > 0])))
        if not len(found.at):
            return None
        share = np.zeros(problem.n_demands)
        share[there] = relief
        score = (np.maximum(found.extra, 0.0) + 1e-9) / share[found.moves.demand[found.at]]
        choice = made(choice, found, found.at[[int(np.argmin(score))]])
        second = moved_with(problem, choice, np.array([pair]))
        if second is not None:
            return second
    return None


def _pairs_of(problem: Problem, demands: Ints) -> Ints:
    """All pairs of some demands."""
    wanted = np.zeros(problem.n_demands, np.bool_)
    wanted[demands] = True
    return np.flatnonzero(wanted[problem.pairs.demand])


def _relief(counts: Counts, there: Ints, demand: int, provider: int) -> Floats:
    """How much of what a demand lacks at a provider each demand there would make free, shape of ``there``."""
    problem, exact = counts.problem, counts.problem.exact
    line = int(problem.lines.index[provider, problem.demand_service[demand]])
    lacks_volume = int(counts.volume[line]) + int(counts.fallback.lines.worst[line]) + int(exact.volume[demand])
    lacks_volume -= int(exact.line.most[line])
    lacks_minutes = int(counts.minutes[provider]) + int(counts.fallback.sites.worst[provider])
    lacks_minutes += int(exact.site.amount[demand]) - int(exact.site.most[provider])
    out = np.zeros(len(there))
    if lacks_minutes > 0:
        out += np.minimum(exact.site.amount[there], lacks_minutes).astype(np.float64) / lacks_minutes
    if lacks_volume > 0:
        same = problem.demand_service[there] == problem.demand_service[demand]
        out += np.where(same, np.minimum(exact.volume[there], lacks_volume), 0).astype(np.float64) / lacks_volume
    return out
