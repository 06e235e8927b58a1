"""The case ``secretariat-5y``: who runs the ten lines of a service centre for the whole Secretariat, 2027 to 2031.

Twenty quarters. Entities, prices and places are those of ``secretariat``; the other four lines are base load of the
centres. Pay grows by place, missions close, shrink and open; moves keep to notice, budgets and what centres take up.
"""

from __future__ import annotations

from datetime import date

from data.builder.arrangement import arrangement_of, current_rows
from data.builder.assumptions import assumption_rows, entry, remark
from data.builder.capacities import Loads, loads_today
from data.builder.entities import entity_rows
from data.builder.field import assumed, path, phase, posts_at, year_end
from data.builder.figures import figure, value
from data.builder.pay import field_share
from data.builder.pay_paths import Growth, growth_row, local_growth, place_growth, scale_growth
from data.builder.policy import Policy, priced_policy
from data.builder.prices import fee_rate
from data.builder.providers import Base, provider_tables
from data.builder.services import LINES, TRANSACTIONAL, service_rows
from data.builder.studies_rebuilt import MIX_UNHCR, MIX_WHO
from data.builder.volumes import demand_rows
from data.tables import Row, Tables, num

__all__ = ["secretariat_5y"]

START = date(2027, 1, 1)
NEW, NEW_LIKE = "MISSION", "MINUSCA"
CLOSING = {"UNIFIL": "2028-01-01"}
"""Missions that end within the horizon: first day no longer there."""

YEARS = range(START.year, START.year + 5)
PEAK = ("05-01", "09-01")
"""Season of the education grant, as months and days."""

SURGE = ("KJSO", "RSCE", "UNON")
"""Centres with a team for arrivals and departures."""

PRINTED = {"WHO-GSC": MIX_WHO, "UNHCR-BUD": MIX_UNHCR}
"""Agency centres whose posts are printed, by category."""


def secretariat_5y() -> tuple[Tables, Policy]:
    """Return the Secretariat over twenty quarters."""
    everyone = entity_rows()
    today = [e for e in everyone if not e["end"] or e["end"] > START.isoformat()]
    tables, centres = _supply(everyone)
    new = next(e for e in today if e["id"] == NEW_LIKE)
    entities = [*(_lives(e) for e in today), _new_mission(new)]
    fees = {name: fee_rate(name, p["kind"]) for name, p in centres.items()}
    current = [_told(r) for r in current_rows(today, centres, fees) if r["service"] in TRANSACTIONAL]
    tables |= {
        "entities": entities,
        "services": service_rows(tuple(line for line in LINES if line.id in TRANSACTIONAL)),
        "demands": [r for r in demand_rows(entities) if r["service"] in TRANSACTIONAL],
        "current": current,
        "decisions": _decisions(),
        **_rules(),
        "profiles": _profiles(),
        "staffing": _staffing(tables["providers"]),
    }
    tables["paths"] = [*_pay(tables), *_volumes()]
    policy = _policy()
    nominal = entry("policy", "*", "discount_rate", figure("five.discount_rate"))
    shared = assumption_rows("secretariat-5y", tables, policy)
    shared = [nominal if (r["table"], r["column"]) == ("policy", "discount_rate") else r for r in shared]
    tables["assumptions"] = [*shared, *_assumed(tables)]
    return tables, policy


def _supply(everyone: list[Row]) -> tuple[Tables, dict[str, Row]]:
    """Centres that offer one of the ten lines, as large as in ``secretariat``; the other four lines are base load.

    Returns also all centres by id, which price what is paid today.
    """
    plans = {e["id"]: arrangement_of(e) for e in everyone}
    mine = {i: {s: p for s, p in plan.items() if s in TRANSACTIONAL} for i, plan in plans.items()}
    others = {i: {s: p for s, p in plan.items() if s not in TRANSACTIONAL} for i, plan in plans.items()}
    heads: dict[str, float] = {}
    for entity in everyone:
        centre = plans[entity["id"]]["payroll"]
        heads[centre] = heads.get(centre, 0.0) + float(entity["headcount"])
    extra: Base = {p: dict(v) for p, v in loads_today(others, everyone).items()}
    loads: Loads = loads_today(mine, everyone)
    tables = provider_tables(loads, heads, extra)
    for name in ("offers", "tiers"):
        tables[name] = [r for r in tables[name] if r["service"] in TRANSACTIONAL]
    for row in tables["offers"]:
        if row["service"] == "onboarding" and row["provider"] in SURGE:
            row["capacity"] = num(float(row["capacity"]) * value("closure.surge_room"))
    centres = {p["id"]: p for p in tables["providers"]}
    offering = {r["provider"] for r in tables["offers"]}
    tables["providers"] = [_over_time(p) for p in tables["providers"] if p["id"] in offering]
    return tables, centres


def _over_time(provider: Row) -> Row:
    """What a centre takes up in a year, and what it costs to leave it."""
    if provider["status"] == "candidate":
        return {**provider, "absorb_fte": num(value("five.absorb_candidate")), "exit_cost": ""}
    room = value("five.absorb_share") * float(provider["capacity_fte"])
    leaves = num(value("five.exit_cost")) if provider["kind"] == "secretariat" else ""
    return {**provider, "absorb_fte": num(max(value("five.absorb_least"), room), 1), "exit_cost": leaves}


def _lives(entity: Row) -> Row:
    end = CLOSING.get(entity["id"])
    return {**entity, "end": end, "profile": "closing"} if end else entity


def _new_mission(like: Row) -> Row:
    life = {"start": "2028-07-01", "end": "", "profile": "opening"}
    return {**like, "id": NEW, "name": "New mission (example)", **life}


def _told(row: Row) -> Row:
    """Coordinator offices have agreements, and so notice."""
    first = date(START.year, 1 + int(value("five.notice_months")), 1).isoformat()
    return {**row, "notice_until": first if row["entity"].startswith("RCO-") else ""}


def _decisions() -> list[Row]:
    """Where a new mission and what is left of a closed one go: as the report says it has been done."""
    new, left = "new missions in Africa are handed to Entebbe", "Kuwait pays the mission's staff already and knows it"
    return [
        {"action": "lock", "entity": NEW, "provider": "RSCE", "reason": new},
        *(
            {"action": "lock", "entity": name, "provider": "KJSO", "reason": left, "from": end}
            for name, end in CLOSING.items()
        ),
    ]


def _rules() -> Tables:
    """Freezes, order and budgets."""
    grant = [
        {"from": f"{year}-{PEAK[0]}", "until": f"{year}-{PEAK[1]}", "entity": "*", "service": "education_grant"}
        for year in YEARS
    ]
    last = {"first": "*", "then": "payroll", "gap_months": num(value("five.payroll_gap_months")), "entity": "*"}
    return {
        "freezes": [*(year_end(year) for year in (START.year - 1, *YEARS)), *grant],
        "precedence": [last],
        "budgets": [{"year": str(y), "amount": num(value(f"five.budget.{y}"))} for y in range(1, 6)],
    }


def _phases() -> list[tuple[str, str, str, str]]:
    """Profile, service, phase and the register's name of its factor."""
    return [
        ("closing", "*", "drawdown", "closure.drawdown.all"),
        ("closing", "onboarding", "drawdown", "closure.drawdown.onboarding"),
        ("closing", "*", "residual", "closure.residual.all"),
        ("opening", "*", "start_up", "mission.start_up.all"),
        ("opening", "onboarding", "start_up", "mission.start_up.onboarding"),
    ]


def _months(name: str) -> str:
    return f"{name.rpartition('.')[0]}.months"


def _profiles() -> list[Row]:
    return [phase(p, s, kind, value(_months(name)), value(name)) for p, s, kind, name in _phases()]


def _staffing(providers: list[Row]) -> list[Row]:
    """Posts by category: printed for two agency centres, else the mix behind the cost of a post."""
    rows = posts_at("OWN", "New York", "US")
    for provider in providers:
        here = posts_at(provider["id"], provider["city"], provider["country"])
        counts = PRINTED.get(provider["id"])
        rows += here if counts is None else _printed(here, counts)
    return rows


def _printed(here: list[Row], counts: dict[str, int]) -> list[Row]:
    """Printed counts as shares; directors and field service cost as professionals, national officers a quarter."""
    world, local = (float(r["cost_per_fte"]) for r in here)
    cost = {"GS": local, "NPO": world / 4}
    total, rows = sum(counts.values()), []
    for category, count in counts.items():
        pay = num(cost.get(category, world), 0)
        share = round(count / total, 6)
        rows.append({"provider": here[0]["provider"], "category": category, "share": num(share), "cost_per_fte": pay})
    rows[-1]["share"] = num(1 - sum(float(r["share"]) for r in rows[:-1]))
    return rows


def _pay(tables: Tables) -> list[Row]:
    """Prices of lines and sites, cost of own work, staff and moves: all grow with pay."""
    day, rows = START.isoformat(), []
    for provider in tables["providers"]:
        key, share = provider["id"], None if provider["status"] == "open" else value("share.candidate")
        growth = place_growth(provider["city"], provider["country"], share)
        rows.append(growth_row("tiers", f"{key}|*", "unit_cost", day, growth))
        rows.append(growth_row("offers", f"{key}|*", "fixed_cost", day, growth))
        rows.append(growth_row("providers", key, "site_fixed_cost", day, growth))
        rows += [
            growth_row("staffing", f"{key}|{r['category']}", "cost_per_fte", day, _of_category(provider, r["category"]))
            for r in tables["staffing"]
            if r["provider"] == key
        ]
    own = {r["entity"] for r in tables["demands"] if r.get("own_unit_cost")}
    for entity in (e for e in tables["entities"] if e["id"] in own):
        growth = place_growth(entity["city"], entity["country"])
        key = f"{entity['id']}|*"
        rows += [growth_row("demands", key, column, day, growth) for column in ("own_unit_cost", "own_fixed_cost")]
    rows += [growth_row("staffing", "OWN|*", "cost_per_fte", day, scale_growth())]
    return [*rows, *(growth_row("policy", "*", column, day, scale_growth()) for column in _policy_money())]


def _of_category(provider: Row, category: str) -> Growth:
    return local_growth(provider["country"]) if category in ("GS", "NPO") else scale_growth()


def _policy_money() -> list[str]:
    policy = _policy()
    yearly = [name for name in policy if name.endswith("_cost") or "_cost_per_" in name]
    return [*yearly, *(f"transition.{name}" for name in policy["transition"] if name != "contingency_rate")]


def _volumes() -> list[Row]:
    """Clients that become smaller."""
    falls = growth_row("demands", "UNAKRT|*", "volume", START.isoformat(), scale_growth())
    about = figure("five.shrink.UNAKRT")
    falls |= {"growth": num(about.value), "low": num(about.low), "high": num(about.high)}
    falls |= {"reason": about.reason, "source": about.source, "basis": about.basis}
    return [falls, path("MONUSCO|*", "volume", "2028-07-01", "five.shrink.MONUSCO")]


def _policy() -> Policy:
    policy = priced_policy()
    moves = {name: cost for name, cost in policy.pop("transition").items() if name != "double_running"}
    return {
        **policy,
        "as_of": START,
        "calendar_year": START.year,
        "backup": False,
        "discount_rate": value("five.discount_rate"),
        "max_switches": 1,
        "wave_by": "demand",
        "max_moves_per_period": int(value("five.moves_per_quarter")),
        "handover_months": value("five.handover_months"),
        "npo_share_max": value("five.npo_share_max"),
        "horizon": {"start": START, "unit": "quarter", "count": 20, "target_from": date(2029, 1, 1)},
        "transition": moves,
    }


def _assumed(tables: Tables) -> list[Row]:
    """What is assumed beside the figures of the large cases."""
    mix = f"international share of {field_share():.3f}, which gives Entebbe its published cost; two centres as printed"
    example, lebanon = (
        "made up for this example",
        "withdrawal within a year of the end of the mandate on 31 December 2026",
    )
    opened = "about one mission a year has opened and one has closed since 2004"
    rows = [
        assumed("entities", NEW, "headcount", f"made up: seat, languages and headcount as {NEW_LIKE}", example),
        assumed("entities", NEW, "start", opened, "reference table of missions"),
        assumed("entities", "UNIFIL", "end", lebanon, "public record, Security Council resolution 2790 (2025)"),
        remark("policy", "*", "backup", "assumed", "off: the loss of a centre is studied on secretariat", example),
        *(entry("offers", f"{p}|onboarding", "capacity", figure("closure.surge_room"), ranged=False) for p in SURGE),
        assumed("current", "*", "notice_until", figure("five.notice_months").reason, "no document gives terms"),
        assumed("providers", "*", "absorb_fte", figure("five.absorb_share").reason, "no document gives a rate"),
        assumed("staffing", "*", "share", mix, "JIU/REP/2009/6, table 5; Entebbe budget 2023/24"),
        assumed("staffing", "*", "cost_per_fte", "cost of a post by place", "cost of a post as for providers"),
        entry("precedence", "*|payroll|*", "gap_months", figure("five.payroll_gap_months")),
        entry("policy", "*", "max_moves_per_period", figure("five.moves_per_quarter")),
        entry("policy", "*", "handover_months", figure("five.handover_months")),
        entry("policy", "*", "npo_share_max", figure("five.npo_share_max")),
    ]
    rows += [entry("budgets", str(y), "amount", figure(f"five.budget.{y}")) for y in range(1, 6)]
    left = [p["id"] for p in tables["providers"] if p["exit_cost"]]
    rows += [entry("providers", name, "exit_cost", figure("five.exit_cost")) for name in left]
    for profile, service, kind, name in _phases():
        key = "|".join((profile, service, kind))
        rows.append(entry("profiles", key, "months", figure(_months(name))))
        rows.append(entry("profiles", key, "factor", figure(name)))
    return rows
