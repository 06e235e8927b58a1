"""Packaged cases: references hold, every pair of today has a price and fits the capacities."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import available_timezones

import pytest

import data
from data.tables import COLUMNS, COLUMNS_OVER_TIME, read_rows

OWN = "OWN"
KEYS = {
    "entities": ("id",),
    "services": ("id",),
    "demands": ("entity", "service"),
    "providers": ("id",),
    "offers": ("provider", "service"),
    "tiers": ("provider", "service", "from_volume"),
    "current": ("entity", "service"),
    "profiles": ("profile", "service", "phase"),
    "budgets": ("year",),
    "staffing": ("provider", "category"),
    "precedence": ("first", "then", "entity"),
}
COUNTRIES = {r["code"]: r for r in data.reference_rows("countries")}
REGIONS = {r[k] for r in COUNTRIES.values() for k in ("region", "sub_region", "intermediate_region")}


def test_columns_are_the_contract(case):
    folder, dynamic = data.case_path(case.name), "horizon" in case.policy
    for file in folder.glob("*.csv"):
        name, header = file.stem, tuple(file.read_text(encoding="utf-8").splitlines()[0].split(","))
        more = COLUMNS_OVER_TIME.get(name, ()) if dynamic else ()
        always = COLUMNS.get(name, ())
        assert header[: len(always)] == always
        assert set(header[len(always) :]) <= set(more)
    assert {f"{name}.csv" for name in COLUMNS} <= {file.name for file in folder.glob("*.csv")}


def test_keys_are_unique(case):
    for table, columns in KEYS.items():
        keys = [tuple(r[c] for c in columns) for r in case.tables.get(table, ())]
        assert len(keys) == len(set(keys)), table


def test_references_hold(case):
    for row in case.tables["demands"]:
        assert row["entity"] in case.entity
        assert row["service"] in case.service
    for row in case.tables["offers"]:
        assert row["provider"] in case.provider
        assert row["service"] in case.service
    assert {(r["provider"], r["service"]) for r in case.tables["tiers"]} == set(case.offer)
    assert set(case.current) <= set(case.demand)
    for row in case.tables["decisions"]:
        whose = row["entity"]
        kinds = {name: f"kind:{entity['kind']}" for name, entity in case.entity.items()}
        meant = [k for k in case.demand if whose in ("*", k[0], kinds[k[0]]) and row["service"] in ("", k[1])]
        assert meant
        assert row["provider"] in ("", OWN) or {(row["provider"], s) for _, s in meant} <= set(case.offer)


def test_places_and_zones(case):
    zones = available_timezones()
    for row in (*case.tables["entities"], *case.tables["providers"]):
        assert row["country"] in COUNTRIES
        assert row["time_zone"] in zones
        assert row["city"]
        assert row["latitude"]
        assert row["longitude"]


def test_tiers_rise_and_fall(case):
    for steps in case.tiers().values():
        assert steps[0][0] == 0
        assert all(a[0] < b[0] and a[1] >= b[1] for a, b in pairwise(steps))


def test_numbers_have_six_decimals_at_most(case):
    for table in ("demands", "providers", "offers", "tiers", "services"):
        for row in case.tables[table]:
            for cell in row.values():
                if cell.replace(".", "", 1).isdigit() and "." in cell:
                    assert len(cell.split(".")[1]) <= 6


def test_regional_offers_name_regions(case):
    for (_, service), offer in case.offer.items():
        regions = [r for r in offer["regions_served"].split(";") if r]
        assert all(r in REGIONS or r in COUNTRIES for r in regions)
        assert regions or case.service[service]["location_class"] != "regional"


def test_every_current_pair_is_priceable(case):
    for key, provider in case.current.items():
        if provider == OWN:
            assert case.demand[key]["own_unit_cost"]
            assert float(case.entity[key[0]]["headcount"]) >= case.policy["own_min_headcount"]
        else:
            offer = case.offer[provider, key[1]]
            kinds = offer["client_kinds"]
            assert not kinds or case.entity[key[0]]["kind"] in kinds.split(";")


def test_capacities_hold_today(case):
    lines, sites = case.loads(case.current)
    assert all(volume <= case.room(*line) for line, volume in lines.items())
    assert all(minutes <= case.site_minutes(site) for site, minutes in sites.items())


def test_today_keeps_the_limit_on_providers(case):
    limit = case.policy.get("max_providers_per_entity")
    met: dict[str, set[str]] = {}
    for (entity, _), provider in case.current.items():
        met.setdefault(entity, set()).add(provider)
    assert limit is None or all(len(found - {OWN}) <= limit for found in met.values())


def test_assumption_keys_name_rows(case):
    for row in case.tables["assumptions"]:
        assert row["basis"] in ("published", "derived", "assumed")
        assert row["reason"]
        assert "{" not in row["reason"] + row["source"]
        assert row["source"]
        if row["table"] == "policy":
            outer, _, inner = row["column"].partition(".")
            assert inner in case.policy[outer] if inner else outer in case.policy
            continue
        table = row["table"]
        assert row["column"] in (*COLUMNS.get(table, ()), *COLUMNS_OVER_TIME.get(table, ()))
        if row["key"] != "*":
            rows = case.tables.get(table) or read_rows(data.case_path(case.name) / f"{table}.csv")
            keys = {"|".join(r[c] for c in KEYS[table]) for r in rows}
            assert row["key"] in keys


@pytest.mark.parametrize("name", ["secretariat", "rco"])
def test_every_entity_asks_for_every_line(name, request):
    case = request.getfixturevalue(name)
    assert len(case.demand) == len(case.entity) * len(case.service)
    assert set(case.current) == set(case.demand)


def test_sizes(secretariat, rco):
    assert len(secretariat.entity) == 237
    assert len(rco.entity) == 132
    assert len(secretariat.service) == 14
    kinds = [(p["kind"], p["status"]) for p in secretariat.tables["providers"]]
    assert kinds.count(("secretariat", "open")) == 12
    assert kinds.count(("agency", "open")) == 14
    assert kinds.count(("secretariat", "candidate")) == 4


def test_documents_are_followed(secretariat):
    today = secretariat.current
    for key, entity in secretariat.entity.items():
        if entity["kind"] == "rco":
            assert {today[key, s] for s in ("payroll", "payables", "accounting", "hr_admin")} == {"UNON"}
            assert today[key, "property"] == "UNGSC"
    for mission in ("MONUSCO", "UNMISS", "UNSOM"):
        assert today[mission, "payroll"] == "RSCE"
    for mission in ("UNAMA", "UNAMI", "BINUH", "UNIFIL"):
        assert today[mission, "payroll"] == "KJSO"
    assert today["DESA", "payroll"] == "UNHQ-DOS"
    assert today["OHCHR", "payroll"] == "UNOG"


def test_total_capacity_is_reasonably_tight(secretariat):
    have = sum(secretariat.site_minutes(p) for p in secretariat.provider)
    need = sum(v * secretariat.minutes(s) for (_, s), v in secretariat.volume.items())
    assert 1.3 <= have / need <= 1.6
