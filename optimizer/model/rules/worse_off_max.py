"""How many entities may be worse off than today."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from optimizer.model.losses import KINDS, lacking, losses_of, lost
from optimizer.model.program.block import entries, implied, keys, keys_of_one, limit
from optimizer.model.program.links import numbering
from optimizer.model.program.units import balanced
from optimizer.model.rules.base import Broken, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from optimizer.model.aliases import Bools, Ints
    from optimizer.model.losses import Kind, Losses
    from optimizer.model.moves.single_moves import Moves
    from optimizer.model.problem import Problem
    from optimizer.model.program.block import Block
    from optimizer.model.program.layout import Layout
    from optimizer.model.program.worse import Worse
    from optimizer.model.rules.base import Found
    from optimizer.model.tally import Tally


def rows(layout: Layout) -> Iterator[Block]:
    """Entities worse off than today, price aside: Σ_e worse_e ≤ most.

    Over demands that have a price today: Σ m_d (overlap_today − overlap_ep − threshold) x_dp ≤ M_e worse_e, and
    Σ m_d (km_ep − km_today − threshold) x_dp ≤ M_e worse_e, both in millionths, rounded half up; M_e is the most that
    the left side can be. Languages: x_dp ≤ lacks_el where p lacks l, and Σ_l lacks_el − (those that today's sources
    lack) − threshold ≤ M_e worse_e. Where demands may stay unserved, lacked_el ≤ Σ x_d over the demands whose source
    today lacks l stands for what today lacks. There are columns where more entities than ``most`` can be worse off.
    """
    worse = layout.worse
    if worse is None:
        return
    most = layout.problem.scalars.worse_off_max
    at = np.flatnonzero(worse.entity >= 0)
    content = entries((0, worse.entity[at], 1.0))
    yield limit("worse_off_max", "", keys_of_one(), content, upper=float(most or 0), unit="entities")
    for kind in KINDS:
        yield _mean(layout.problem, worse, kind)
    yield from _languages(layout.problem, worse)


def _mean(problem: Problem, worse: Worse, kind: Kind) -> Block:
    """A mean that got worse by more than its threshold."""
    pairs, reach = problem.pairs, worse.reach
    chosen = np.flatnonzero(reach.means[kind] > 0)
    row = numbering(chosen, len(reach.means[kind]))[problem.demand_entity[pairs.demand[reach.pair]]]
    at = reach.pair[row >= 0]
    row, amount = row[row >= 0], lost(problem, kind, pairs.demand[at], pairs.provider[at])
    n = len(chosen)
    sides = balanced(np.append(row, np.arange(n)), np.append(amount, -reach.means[kind][chosen]), n)
    content = entries((np.append(row, np.arange(n)), np.append(at, worse.entity[chosen]), sides.amount))
    return limit("worse_off_max", "e", keys(chosen), content, upper=sides.give, part=f"link-{kind}")


def _languages(problem: Problem, worse: Worse) -> Iterator[Block]:
    """Languages that some provider of the entity lacks, and that count against today's."""
    pairs, reach = problem.pairs, worse.reach
    entity = problem.demand_entity[pairs.demand[reach.pair]]
    which, language = np.nonzero(lacking(problem, entity, pairs.provider[reach.pair]))
    column = worse.lacks[entity[which], language]
    which, column = which[column >= 0], column[column >= 0]
    at = reach.pair[which]
    yield implied("worse_off_max", "dp", keys(pairs.demand[at], pairs.provider[at]), at, column, part="link-lacks")
    if worse.lacked is not None:
        yield _lacked(problem, worse.reach.pair, worse.lacked)
    chosen = np.flatnonzero(reach.languages > 0)
    row = numbering(chosen, len(reach.languages))
    e, missed = np.nonzero(worse.lacks >= 0)
    parts = [
        (row[e], worse.lacks[e, missed], np.ones(len(e))),
        (np.arange(len(chosen)), worse.entity[chosen], -reach.languages[chosen].astype(np.float64)),
    ]
    upper = np.full(len(chosen), float(problem.scalars.worse_languages))
    if worse.lacked is None:
        upper += reach.today[chosen].sum(axis=1)
    else:
        e, missed = np.nonzero(worse.lacked >= 0)
        parts.append((row[e], worse.lacked[e, missed], -np.ones(len(e))))
    yield limit("worse_off_max", "e", keys(chosen), entries(*parts), upper=upper, part="link-language")


def _lacked(problem: Problem, pair: Ints, lacked: Ints) -> Block:
    """What today's sources lack counts where a demand of theirs is served."""
    demand = problem.pairs.demand[pair]
    which, language = np.nonzero(lacking(problem, problem.demand_entity[demand], problem.current[demand]))
    column = lacked[problem.demand_entity[demand[which]], language]
    which, column = which[column >= 0], column[column >= 0]
    e, missed = np.nonzero(lacked >= 0)
    names = lacked[e, missed]  # rising: columns were handed out in this order
    row = np.searchsorted(names, column)
    content = entries((np.arange(len(names)), names, 1.0), (row, pair[which], -1.0))
    return limit("worse_off_max", "el", keys(e, missed), content, upper=0.0, part="link-lacked")


def excess(x: Problem, t: Tally) -> Found:
    """Number of entities worse off than today by overlap, distance or languages; amount in entities."""
    most = x.scalars.worse_off_max
    if most is None:
        return []
    number = int(losses_of(x, t.provider).worse.sum())
    return [Broken("worse_off_max", float(number - most), {"value": number, "limit": most})] if number > most else []


def keeps(x: Moves) -> Bools | None:
    """Number of entities worse off, the entity of the demand judged anew."""
    problem = x.problem
    if problem.scalars.worse_off_max is None or problem.quality is None:
        return None
    now = losses_of(problem, x.counts.tally.provider)
    entity = problem.demand_entity[x.demand]
    after = np.where(problem.quality.priced_today[x.demand], _after(x, now, entity), now.worse[entity])
    number = int(now.worse.sum()) + after.astype(np.int64) - now.worse[entity]
    return np.asarray(number <= problem.scalars.worse_off_max, np.bool_)


def _after(x: Moves, now: Losses, entity: Ints) -> Bools:
    """Whether the entity of each move is worse off after it, if the demand is compared with today."""
    problem = x.problem
    worse = np.zeros(len(entity), np.bool_)
    for kind in KINDS:
        more = lost(problem, kind, x.demand, x.new) - lost(problem, kind, x.demand, x.old)
        worse |= np.asarray(now.means[kind][entity] + more > 0, np.bool_)
    then = now.then[entity] - lacking(problem, entity, x.old) + lacking(problem, entity, x.new)
    more = (then > 0).sum(axis=1) - (now.today[entity] > 0).sum(axis=1)
    return worse | np.asarray(more > now.most, np.bool_)


def on(x: Problem) -> bool:
    """Whether the policy asks for it."""
    return x.scalars.worse_off_max is not None


RULE: Final = Rule("worse_off_max", rows, excess, keeps, on=on)
