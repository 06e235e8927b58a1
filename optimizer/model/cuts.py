"""Cuts that exclude plans which break a rule by less than a solver's tolerance.

Solvers accept a row that is violated by about 1e-6; the rules are checked in exact integers.
When the two disagree, the offending combination is cut off: valid for every plan that keeps the
rules, so bounds stay bounds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import scipy

from optimizer.model.aliases import Bools, Ints
from optimizer.model.losses import losses_of
from optimizer.model.parts import Choice
from optimizer.model.problem import Problem
from optimizer.model.program.groups import RowBlock
from optimizer.model.rules import mean_distance_max, mean_overlap_min

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.model.program.program import Program
    from optimizer.model.rules import Broken
    from optimizer.model.rules.means import Mean

__all__ = ["add_cuts", "named"]


class _Cut(NamedTuple):
    """Not all of ``together`` at once, unless one of ``besides`` is there too: columns."""

    together: Ints
    besides: Ints


def named(problem: Problem, broken: Broken) -> tuple[str, str, str]:
    """A finding of the array check as ``add_cuts`` wants it."""
    line, provider = broken.data.get("line"), broken.data.get("provider")
    if line is not None:
        where = problem.lines.provider[line], problem.lines.service[line]
        return broken.rule, problem.provider_ids[where[0]], problem.service_ids[where[1]]
    return broken.rule, "" if provider is None else problem.provider_name(provider), ""


def add_cuts(program: Program, problem: Problem, choice: Choice, broken: Iterable[tuple[str, str, str]]) -> Program:
    """The program with one cut per broken limit, or one that excludes just this plan.

    Parameters
    ----------
    broken : iterable of (rule, provider id, service id)
        From the exact check; provider and service are empty where the rule is not about a line or site.
    """
    cuts = [c for c in (_cut(program, problem, choice, *b) for b in broken) if c is not None and len(c.together)]
    if not cuts:
        cuts = [_Cut(_whole_plan(program, choice), np.zeros(0, np.int64))]
    sides = [(i, part, sign) for i, cut in enumerate(cuts) for part, sign in ((cut.together, 1.0), (cut.besides, -1.0))]
    rows = np.concatenate([np.full(len(part), i) for i, part, _ in sides])
    values = np.concatenate([np.full(len(part), sign) for _, part, sign in sides])
    columns = np.concatenate([part for _, part, _ in sides])
    block = scipy.sparse.csr_matrix((values, (rows, columns)), shape=(len(cuts), program.n_columns))
    first = program.n_rows
    numbers = np.arange(first, first + len(cuts))
    return dataclasses.replace(
        program,
        a=scipy.sparse.csr_matrix(scipy.sparse.vstack([program.a, block], format="csr")),
        row_lower=np.append(program.row_lower, np.full(len(cuts), -np.inf)),
        row_upper=np.append(program.row_upper, [len(c.together) - 1.0 for c in cuts]),
        row_scale=np.append(program.row_scale, np.ones(len(cuts))),
        blocks=(*program.blocks, RowBlock("cut", first, first + len(cuts), numbers[:, None], key="n")),
    )


def _cut(program: Program, problem: Problem, choice: Choice, rule: str, provider: str, service: str) -> _Cut | None:
    """What this plan must not do again; ``None`` where no part of it says why."""
    pairs, none = problem.pairs, np.zeros(0, np.int64)
    chosen = choice.provider[pairs.demand] == pairs.provider
    if rule == "agency_share":
        agency = np.append(~problem.sites.is_secretariat, False)
        return _Cut(np.flatnonzero(chosen & agency[pairs.provider]), none)
    if rule in _CUTS:
        return _CUTS[rule](problem, choice, chosen, provider)
    if rule == "one_off_budget":
        return _Cut(_spent(problem, chosen), none)
    if rule not in ("line_capacity", "site_capacity", "minimum_volume", "backup"):
        return None
    if provider not in problem.provider_index or (rule == "backup" and not len(program.layout.backups.column)):
        return None
    there = pairs.provider == problem.provider_index[provider]
    if service:
        there &= problem.demand_service[pairs.demand] == problem.service_ids.index(service)
    together = np.flatnonzero(there & chosen)
    if rule == "backup":
        return _Cut(np.concatenate([together, _fallen(program, choice, there)]), none)
    return _Cut(together, np.flatnonzero(there & ~chosen) if rule == "minimum_volume" else none)


def _mean(mean: Mean) -> Callable[[Problem, Choice, Bools, str], _Cut]:
    """Pairs beyond the limit, unless some demand is served nearer to it."""

    def cut(problem: Problem, _: Choice, chosen: Bools, __: str) -> _Cut:
        pairs = problem.pairs
        amount = mean.amounts(problem, pairs.demand, pairs.provider)
        now = np.zeros(problem.n_demands, amount.dtype)
        now[pairs.demand[chosen]] = amount[chosen]
        fixed = now[pairs.demand] > 0
        return _Cut(np.flatnonzero(chosen & fixed), np.flatnonzero(~fixed & (amount < now[pairs.demand])))

    return cut


def _worse(problem: Problem, choice: Choice, chosen: Bools, _: str) -> _Cut:
    """All that entities get that are worse off, where it can be compared with today."""
    worse = losses_of(problem, choice.provider).worse[problem.demand_entity]
    priced = problem.quality.priced_today if problem.quality is not None else worse
    return _Cut(np.flatnonzero(chosen & (worse & priced)[problem.pairs.demand]), np.zeros(0, np.int64))


def _exposed(problem: Problem, _: Choice, chosen: Bools, __: str) -> _Cut:
    """Pairs at places of hardship class D or E."""
    exposed = problem.quality.exposed if problem.quality is not None else np.zeros(problem.n_providers, np.bool_)
    there = np.append(exposed, False)[problem.pairs.provider]
    return _Cut(np.flatnonzero(chosen & there), np.zeros(0, np.int64))


def _site(problem: Problem, _: Choice, chosen: Bools, provider: str) -> _Cut:
    """Pairs of one provider."""
    there = problem.pairs.provider == problem.provider_index[provider]
    return _Cut(np.flatnonzero(chosen & there), np.zeros(0, np.int64))


_CUTS: Final[dict[str, Callable[[Problem, Choice, Bools, str], _Cut]]] = {
    "mean_overlap_min": _mean(mean_overlap_min.MEAN),
    "mean_distance_max": _mean(mean_distance_max.MEAN),
    "worse_off_max": _worse,
    "exposure_max_fte": _exposed,
    "site_share_max": _site,
}


def _spent(problem: Problem, chosen: Bools) -> Ints:
    """Pairs that cost once: moves, and one at each candidate site that is open."""
    pairs, own = problem.pairs, problem.n_providers
    opened = np.flatnonzero(chosen & np.append(problem.sites.setup_one_off > 0, False)[pairs.provider])
    first = opened[np.unique(pairs.provider[opened], return_index=True)[1]] if own else opened
    return np.union1d(np.flatnonzero(chosen & (pairs.one_off > 0)), first)


def _fallen(program: Program, choice: Choice, there: Bools) -> Ints:
    """Columns of the backups that this plan names at the given pairs."""
    falls, pairs = program.layout.backups, program.layout.problem.pairs
    demand = pairs.demand[falls.pair]
    used = (choice.provider[demand] == pairs.provider[falls.pair]) & (
        choice.backup[demand] == pairs.provider[falls.other]
    )
    return np.asarray(falls.column[used & there[falls.other]], np.int64)


def _whole_plan(program: Program, choice: Choice) -> Ints:
    """Columns that say who serves and who backs up: together they are this plan and no other."""
    values = program.encode(choice)
    parts = [g for g in program.groups if g.kind in ("x", "r")]
    return np.concatenate([g.start + np.flatnonzero(values[g.start : g.stop] > 0.5) for g in parts]).astype(np.int64)
