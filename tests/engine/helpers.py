"""Problems made by hand for the engine's tests, and a slow, plain oracle for their plans."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from optimizer.model.parts import Choice, Lines, Pairs, Scalars, Sites
from optimizer.model.problem import Problem

ALL_RULES = {
    "interface_cost": 40.0,
    "handover_cost": 25.0,
    "max_providers_per_entity": 2,
    "agency_share_max": 0.6,
    "site_min": 1,
    "site_max": 3,
    "backup": True,
    "dispersion_loss": (0.0, 0.1, 0.2),
}


def scalars(**given) -> Scalars:
    """Scalars with every rule off but those given."""
    base = {
        "interface_cost": 0.0,
        "handover_cost": 0.0,
        "max_providers_per_entity": None,
        "bundle_together": False,
        "agency_share_max": None,
        "site_min": None,
        "site_max": None,
        "zones": False,
        "backup": False,
        "max_moves": None,
        "one_off_budget": None,
        "dispersion_loss": (),
        "annuity": 0.2,
        "allow_unserved": False,
    }
    return Scalars(**{**base, **given})


def random_problem(
    seed: int,
    entities: int = 4,
    services: int = 3,
    providers: int = 3,
    slack: float = 1.4,
    own: float = 0.3,
    density: float = 0.85,
    rules: dict | None = None,
    tiers: bool = True,
) -> Problem:
    """A seeded problem of any size; ``slack`` is capacity over demand."""
    rng = np.random.default_rng(seed)
    n, p = entities * services, providers
    entity, service = np.repeat(np.arange(entities), services), np.tile(np.arange(services), entities)
    per_unit = rng.integers(5, 60, services).astype(float)
    volume = np.round(rng.lognormal(4.0, 0.9, n) + 1, 1)
    minutes = volume * per_unit[service]
    total = np.bincount(service, volume, services)
    lines = _lines(rng, p, services, total, per_unit, slack, tiers)
    eligible = rng.random((n, p + 1)) < np.array([density] * p + [own])
    eligible[np.arange(n), rng.integers(0, p, n)] = True
    current = np.where(rng.random(n) < 0.7, rng.integers(0, p, n), -1)
    given = scalars(**{k: v for k, v in (rules or {}).items() if k != "locks"})
    critical = (service == 0) & given.backup
    locked = np.full(n, -1)
    if rules and rules.get("locks"):
        locked[0] = np.flatnonzero(eligible[0])[0]
    return Problem(
        entity_ids=tuple(f"e{i:05d}" for i in range(entities)),
        service_ids=tuple(f"s{i:03d}" for i in range(services)),
        provider_ids=tuple(f"p{i:03d}" for i in range(p)),
        demand_entity=entity,
        demand_service=service,
        volume=volume,
        minutes=minutes,
        effort_fte=minutes / 96000,
        critical=critical,
        bundle=np.where(service < min(2, services), entity, -1) if services > 1 else np.full(n, -1),
        current=current,
        locked=locked,
        reference=total * per_unit,
        refusals=np.where(eligible, 0, 1).astype(np.uint32),
        today_refusals=np.zeros(n, dtype=np.uint32),
        distance_km=rng.random((entities, p)) * 9000,
        overlap_hours=np.full((entities, p), 6.0),
        overlap_hours_worst=np.full((entities, p), 5.0),
        pairs=_pairs(rng, eligible, current, minutes, entities, p),
        lines=lines,
        sites=_sites(rng, p, minutes.sum(), slack),
        scalars=given,
    )


def with_pair_volumes(problem: Problem, seed: int) -> Problem:
    """The same problem, but what a demand takes of a line depends on the provider."""
    factor = np.random.default_rng([seed, 3]).uniform(0.5, 1.7, problem.n_pairs)
    volume = np.round(problem.volume[problem.pairs.demand] * factor, 3)
    return replace(problem, pairs=replace(problem.pairs, volume=volume))


def _lines(rng, p, services, total, per_unit, slack, tiers) -> Lines:
    provider, service = np.repeat(np.arange(p), services), np.tile(np.arange(services), p)
    count = p * services
    share = rng.uniform(0.5, 1.5, count) * slack / p
    capacity = np.round(total[service] * np.minimum(share * (1 + 1.5 * (p < 6)), 1.0) + 1, 1)
    capacity[rng.random(count) < 0.1] = np.inf
    unit = np.round(per_unit[service] * rng.uniform(0.5, 1.5, count), 2)
    n_tiers = rng.integers(1, 4, count) if tiers else np.ones(count, dtype=np.int64)
    start = np.concatenate([[0], np.cumsum(n_tiers)])
    at = [total[service[i]] / p * k * 0.5 for i in range(count) for k in range(n_tiers[i])]
    price = [unit[i] * 0.85**k for i in range(count) for k in range(n_tiers[i])]
    return Lines(
        provider=provider,
        service=service,
        capacity=capacity,
        min_volume=np.where(rng.random(count) < 0.2, np.round(total[service] * 0.1, 1), 0.0),
        fixed_cost=np.round(total[service] * per_unit[service] * rng.uniform(0.01, 0.1, count), 2),
        tier_start=start,
        tier_from=np.array(at),
        tier_cost=np.array(price),
        first_unit_cost=unit,
        index=np.arange(count).reshape(p, services),
    )


def _sites(rng, p, total, slack) -> Sites:
    candidate = np.arange(p) == p - 1
    return Sites(
        capacity_minutes=np.round(total * rng.uniform(0.5, 1.5, p) * slack / p * (2.0 if p < 6 else 1.0), 2),
        min_minutes=np.where(candidate, total * 0.05, 0.0).round(2),
        fixed_cost=np.round(total * rng.uniform(0.01, 0.05, p), 2),
        setup=np.where(candidate, 500.0, 0.0),
        setup_one_off=np.where(candidate, 2500.0, 0.0),
        is_candidate=candidate,
        is_required=np.arange(p) == 1,
        is_secretariat=np.arange(p) != 2,
        is_closed=np.zeros(p, dtype=bool),
        country=np.arange(p) % 5,
        zone=np.arange(p) % 3,
    )


def _pairs(rng, eligible, current, minutes, entities, p) -> Pairs:
    demand, provider = np.nonzero(eligible)
    n = len(demand)
    is_own = provider == p
    move = (current[demand] >= 0) & (current[demand] != provider)
    one_off = np.where(move, np.round(minutes[demand] * 0.2, 6), 0.0)
    near = rng.uniform(0.0, 0.6, (entities, p + 1))
    per_entity = len(eligible) // entities
    money = np.where(is_own, 0.0, minutes[demand] * near[demand // per_entity, provider])
    return Pairs(
        start=np.searchsorted(demand, np.arange(len(eligible) + 1)),
        demand=demand,
        provider=provider,
        own=np.where(is_own, minutes[demand] * 1.4, 0.0),
        distance=money,
        overlap=np.zeros(n),
        language=np.zeros(n),
        transition=one_off * 0.2,
        one_off=one_off,
        is_move=move,
        exempted=np.zeros(n, dtype=np.uint32),
    )


def line_cost(problem: Problem, line: int, volume: float) -> float:
    """Fixed cost and tiers, written out."""
    lines = problem.lines
    cuts = lines.tier_from[lines.tier_start[line] : lines.tier_start[line + 1]]
    rates = lines.tier_cost[lines.tier_start[line] : lines.tier_start[line + 1]]
    out = lines.fixed_cost[line]
    for k, (low, rate) in enumerate(zip(cuts, rates, strict=True)):
        high = cuts[k + 1] if k + 1 < len(cuts) else np.inf
        out += rate * max(0.0, min(volume, high) - low)
    return float(out)


def oracle(problem: Problem, choice: Choice) -> tuple[float, set[str]]:
    """Cost of a plan and the names of the rules it breaks, slowly and plainly."""
    pr, sc, sites, lines, own = problem, problem.scalars, problem.sites, problem.lines, problem.n_providers
    where, second = choice.provider.tolist(), choice.backup.tolist()
    pair = {
        (d, p): i for i, (d, p) in enumerate(zip(pr.pairs.demand.tolist(), pr.pairs.provider.tolist(), strict=True))
    }
    bad: set[str] = set()
    if any((d, p) not in pair for d, p in enumerate(where)):
        return np.inf, {"assign_once"}
    used = [pair[d, p] for d, p in enumerate(where)]
    total = float(pr.pairs.linear[used].sum())
    bad |= {"lock"} if any(0 <= lock != p for lock, p in zip(pr.locked.tolist(), where, strict=True)) else set()
    volume, minutes = np.zeros(len(lines.provider)), np.zeros(own)
    for d, p in enumerate(where):
        if p < own:
            volume[lines.index[p, pr.demand_service[d]]] += pr.pair_volume[pair[d, p]]
            minutes[p] += pr.minutes[d]
    running = np.flatnonzero(volume)
    total += sum(line_cost(pr, i, volume[i]) for i in running)
    bad |= {"line_capacity"} if (volume > lines.capacity + 1e-7).any() else set()
    bad |= {"minimum_volume"} if (volume[running] < lines.min_volume[running] - 1e-7).any() else set()
    opened = (minutes > 0) | sites.is_required
    total += float((sites.fixed_cost + sites.setup)[opened].sum())
    bad |= {"site_capacity"} if (minutes > sites.capacity_minutes + 1e-7).any() else set()
    short = (minutes < sites.min_minutes - 1e-7) & (minutes > 0) & sites.is_candidate
    bad |= {"minimum_volume"} if short.any() else set()
    total += _groups(pr, where, bad)
    total += _dispersion(pr, running)
    _whole_plan(pr, where, used, minutes, opened, bad)
    if sc.backup:
        _backups(pr, where, second, volume, minutes, bad)
    return total, bad


def _groups(pr: Problem, where: list[int], bad: set[str]) -> float:
    own, sc, out = pr.n_providers, pr.scalars, 0.0
    for e in range(len(pr.entity_ids)):
        of = np.flatnonzero(pr.demand_entity == e)
        n = len({where[d] for d in of} - {own})
        out += sc.interface_cost * n
        if sc.max_providers_per_entity is not None and n > sc.max_providers_per_entity:
            bad.add("max_providers_per_entity")
    for g in set(pr.bundle.tolist()) - {-1}:
        n = len({where[d] for d in np.flatnonzero(pr.bundle == g)})
        out += sc.handover_cost * (n - 1)
        if sc.bundle_together and n > 1:
            bad.add("bundle_together")
    return out


def _dispersion(pr: Problem, running) -> float:
    loss, out = pr.scalars.dispersion_loss, 0.0
    for s in range(len(pr.service_ids)):
        n = int((pr.lines.service[running] == s).sum())
        if n and loss:
            out += loss[min(n, len(loss)) - 1] * float(pr.reference[s])
    return out


def _whole_plan(pr: Problem, where, used, minutes, opened, bad: set[str]) -> None:
    sc, sites = pr.scalars, pr.sites
    agency = minutes[~sites.is_secretariat].sum()
    if sc.agency_share_max is not None and agency > sc.agency_share_max * pr.minutes.sum() + 1e-6:
        bad.add("agency_share")
    centres = opened & sites.is_secretariat
    low, high = sc.site_min or 0, len(centres) if sc.site_max is None else sc.site_max
    if not low <= centres.sum() <= high or (sc.zones and len(set(sites.zone[centres].tolist())) < 3):
        bad.add("site_count")
    if sc.max_moves is not None and pr.pairs.is_move[used].sum() > sc.max_moves:
        bad.add("max_moves")
    one_off = pr.pairs.one_off[used].sum() + sites.setup_one_off[(minutes > 0) & sites.is_candidate].sum()
    if sc.one_off_budget is not None and one_off > sc.one_off_budget + 1e-6:
        bad.add("one_off_budget")


def _backups(pr: Problem, where, second, volume, minutes, bad: set[str]) -> None:
    own, index = pr.n_providers, pr.lines.index
    eligible = pr.refusals == 0
    on_line: dict[tuple[int, int], float] = {}
    on_site: dict[tuple[int, int], float] = {}
    for d in np.flatnonzero(pr.critical):
        p, q, s = where[d], second[d], pr.demand_service[d]
        if p == own:
            continue
        if q < 0 or q in (own, p) or not eligible[d, q] or pr.sites.country[q] == pr.sites.country[p]:
            bad.add("backup")
            continue
        line = int(index[q, s])
        if volume[line] == 0:
            bad.add("backup")
        on_line[p, line] = on_line.get((p, line), 0.0) + pr.pair_volume[pr.pair_of[d, q]]
        on_site[p, q] = on_site.get((p, q), 0.0) + pr.minutes[d]
    if any(volume[i] + v > pr.lines.capacity[i] + 1e-7 for (_, i), v in on_line.items()):
        bad.add("backup")
    if any(minutes[q] + m > pr.sites.capacity_minutes[q] + 1e-7 for (_, q), m in on_site.items()):
        bad.add("backup")


def brute_force(problem: Problem) -> tuple[float, Choice | None]:
    """Cheapest feasible plan by full enumeration, backups included."""
    own, best, plan = problem.n_providers, np.inf, None
    eligible = problem.refusals == 0
    places = [np.flatnonzero(row).tolist() for row in eligible]
    none = np.full(problem.n_demands, -1)
    for where in product(*places):
        provider = np.array(where)
        total, bad = oracle(problem, Choice(provider, none))
        if total >= best or bad - {"backup"}:
            continue
        seconds = [
            [q for q in places[d] if q != own and q != provider[d]]
            if problem.critical[d] and provider[d] != own
            else [-1]
            for d in range(problem.n_demands)
        ]
        for second in product(*seconds):
            choice = Choice(provider, np.array(second))
            if not oracle(problem, choice)[1]:
                best, plan = total, choice
                break
    return best, plan
