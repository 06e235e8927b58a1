"""Each small case without a plan is short of one thing only."""

from __future__ import annotations

import data


def _need_and_have(case):
    need = sum(v * case.minutes(s) for (_, s), v in case.volume.items())
    return need / 96000, sum(case.site_minutes(p) for p in case.provider) / 96000


def _unspoken(case):
    """Demands whose languages no provider of the line has."""
    out = set()
    for entity, service in case.demand:
        if case.service[service]["language_rule"] != "all":
            continue
        wanted = set(case.entity[entity]["languages"].split(";"))
        spoken = [set(case.provider[p]["languages"].split(";")) for p, s in case.offer if s == service]
        if not any(wanted <= s for s in spoken):
            out.add((entity, service))
    return out


def _broken_locks(case):
    return [
        r
        for r in case.tables["decisions"]
        if case.volume[r["entity"], r["service"]] > case.room(r["provider"], r["service"])
    ]


def test_exactly_one_reason(case):
    if not case.name.startswith("infeasible-"):
        return
    need, have = _need_and_have(case)
    reasons = {
        "infeasible-capacity": need > have,
        "infeasible-language": _unspoken(case) == {("ECHO", "payroll")},
        "infeasible-lock": len(_broken_locks(case)) == 1,
    }
    assert [name for name, holds in reasons.items() if holds] == [case.name]
    assert not case.current


def test_sizes_are_small():
    for name in data.names():
        if name.startswith("infeasible-"):
            assert 5 <= len((data.case_path(name) / "entities.csv").read_text().splitlines()) - 1 <= 10
