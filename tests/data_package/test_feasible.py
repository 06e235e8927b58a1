"""The large cases have plans: today's arrangement with backups, found by first fit."""

from __future__ import annotations

OWN = "OWN"
SERVICE = "payroll"


def _fits_after_loss(case, plan, lost):
    """Whether every payroll demand of a lost site fits at a running site of another country."""
    lines, sites = case.loads(plan)
    country = {k: p["country"] for k, p in case.provider.items()}
    running = [p for (p, s), v in lines.items() if s == SERVICE and v > 0]
    left = {q: case.room(q, SERVICE) - lines[q, SERVICE] for q in running if country[q] != country[lost]}
    spare = {q: case.site_minutes(q) - sites[q] for q in left}
    fallen = sorted(((case.volume[k], k[0]) for k, p in plan.items() if p == lost and k[1] == SERVICE), reverse=True)
    for volume, entity in fallen:
        minutes = volume * case.minutes(SERVICE)
        kind = case.entity[entity]["kind"]
        able = [q for q in left if left[q] >= volume and spare[q] >= minutes and _takes(case, q, kind)]
        if not able:
            return False
        best = max(able, key=lambda q: left[q])
        left[best] -= volume
        spare[best] -= minutes
    return True


def _takes(case, provider, kind):
    kinds = case.offer[provider, SERVICE]["client_kinds"]
    return not kinds or kind in kinds.split(";")


def _lost_sites(plan):
    return {p for (_, s), p in plan.items() if s == SERVICE and p != OWN}


def test_today_survives_the_loss_of_any_centre(secretariat):
    for lost in _lost_sites(secretariat.current):
        assert _fits_after_loss(secretariat, secretariat.current, lost), lost


def test_only_secretariat_providers_today(secretariat):
    kinds = {secretariat.provider[p]["kind"] for p in secretariat.current.values() if p != OWN}
    assert kinds == {"secretariat"}


def test_offices_need_a_second_payroll_centre_and_can_have_it(rco):
    plan = dict(rco.current)
    assert not _fits_after_loss(rco, plan, "UNON")
    met = {e: {p for (k, _), p in plan.items() if k == e} for e in rco.entity}
    free = [e for e in rco.entity if len(met[e]) < rco.policy["max_providers_per_entity"]]
    for i, entity in enumerate(free):
        if i % 2 == 0:
            plan[entity, SERVICE] = "RSCE" if i % 4 else "KJSO"
    lines, sites = rco.loads(plan)
    assert all(v <= rco.room(*line) for line, v in lines.items())
    assert all(v <= rco.site_minutes(site) for site, v in sites.items())
    assert all(_fits_after_loss(rco, plan, lost) for lost in _lost_sites(plan))
