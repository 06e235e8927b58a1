"""The case ``undp-cluster``: 131 country offices give up their own transactions, one cluster after the other.

Clusters are by zone and language. From a cluster's day on own capacity is ruled out for its offices, so that the
set is compulsory; two global centres take it, and centres that other agencies lead may take a part.
"""

from __future__ import annotations

from collections import Counter
from datetime import date

from data.builder.assumptions import assumption_rows, entry, remark
from data.builder.entities import entity_rows
from data.builder.field import assumed, posts_at
from data.builder.figures import figure, value
from data.builder.policy import Policy, priced_policy
from data.builder.providers import provider_tables
from data.builder.services import LINES, service_rows
from data.builder.sources import country, reference
from data.builder.volumes import own_costs, volume_of
from data.tables import Row, Tables, num

__all__ = ["undp_cluster"]

SERVICES = {"hr_admin": "people", "payables": "finance", "vendors": "finance", "accounting": "finance"}
"""Location-independent lines of the country offices, with the set that stays together."""

GLOBAL = ("UNDP-CPH", "UNDP-KUL")
OTHERS = ("WHO-GSC", "UNHCR-BUD", "FAO-BUD", "FAO-SCL", "FAO-BKK")
LANGUAGES = ("fr", "es", "ar", "pt", "ru", "zh")
START, FIRST_MONTH = date(2027, 1, 1), 6
"""First day; months until the first cluster moves."""

PERIODS = 12
UNDP = "UNDP management response 2018, recommendation 3"


def undp_cluster() -> tuple[Tables, Policy]:
    """Return the offices, four lines, two global centres and five of other agencies over twelve quarters."""
    entities = _offices()
    tables: Tables = {
        "entities": entities,
        "services": _services(),
        "demands": [_demand(e, s) for e in entities for s in SERVICES],
        **_supply(),
        "current": [{"entity": e["id"], "service": s, "provider": "OWN"} for e in entities for s in SERVICES],
        "decisions": _decisions(entities),
    }
    places = [(p["id"], p["city"], p["country"]) for p in tables["providers"]]
    tables["staffing"] = [row for place in (*places, ("OWN", "Nairobi", "KE")) for row in posts_at(*place)]
    policy = _policy()
    tables["assumptions"] = [*assumption_rows("undp-cluster", tables, policy), *_assumed()]
    return tables, policy


def _offices() -> list[Row]:
    """Country offices at the seats of the coordinator offices, with the staff of UNDP there."""
    staff = {r["country"]: float(r["staff"]) for r in reference("undp_staff_by_country_2019")}
    seats = sorted(entity_rows(("rco",)), key=lambda e: (-staff.get(e["country"], 0.0), e["id"]))
    kept = seats[: int(value("cluster.offices"))]
    spoken = Counter(_language(e) for e in kept)
    return sorted((_office(e, staff[e["country"]], spoken) for e in kept), key=lambda e: e["id"])


def _language(seat: Row) -> tuple[str, str]:
    """Zone of an office, and the first official language of the United Nations beside English (or Portuguese)."""
    others = [x for x in seat["languages"].split(";") if x in LANGUAGES]
    return country(seat["country"])["zone"], others[0] if others else "en"


def _office(seat: Row, staff: float, spoken: Counter[tuple[str, str]]) -> Row:
    zone, language = _language(seat)
    joined = language if spoken[zone, language] >= value("cluster.least_offices") else "en"
    key = seat["id"].removeprefix("RCO-")
    own = {"id": f"CO-{key}", "name": f"UNDP country office, {country(seat['country'])['name']}"}
    return {**seat, **own, "kind": f"{zone}-{joined}", "organisation": "UNDP", "headcount": num(staff)}


def _services() -> list[Row]:
    rows = service_rows(tuple(line for line in LINES if line.id in SERVICES))
    return [{**row, "bundle": SERVICES[row["id"]], "critical": "no"} for row in rows]


def _demand(entity: Row, service: str) -> Row:
    volume = num(volume_of({**entity, "kind": "rco"}, service))
    return {"entity": entity["id"], "service": service, "volume": volume, **own_costs(entity, service)}


def _supply() -> Tables:
    """The global centres charge no fee to their own offices and add posts; the others sell what they have to spare."""
    tables, kept = provider_tables({}, {}, {}, candidates=False), (*GLOBAL, *OTHERS)
    tables["providers"] = [_centre(p) for p in tables["providers"] if p["id"] in kept]
    for name in ("offers", "tiers"):
        tables[name] = [r for r in tables[name] if r["provider"] in kept and r["service"] in SERVICES]
    for row in tables["offers"]:
        if row["provider"] in GLOBAL:
            row |= {"capacity": "", "fee_rate": "0"}
    return tables


def _centre(provider: Row) -> Row:
    row = {**provider, "absorb_fte": num(value("cluster.absorb_fte")), "site_fixed_cost": "0"}
    if provider["id"] not in GLOBAL:
        return row
    room = float(provider["base_fte"]) + value("cluster.room")
    return {**row, "kind": "secretariat", "capacity_fte": num(room, 3)}


def _decisions(entities: list[Row]) -> list[Row]:
    """From a cluster's day on nothing is done by the offices themselves; small clusters go first."""
    sizes = Counter(e["kind"] for e in entities)
    rows: list[Row] = []
    step = int(value("cluster.step_months"))
    for at, (kind, _) in enumerate(sorted(sizes.items(), key=lambda item: (item[1], item[0]))):
        months = FIRST_MONTH + at * step
        day = date(START.year + months // 12, 1 + months % 12, 1)
        whose, must = f"kind:{kind}", "compulsory for all offices of the cluster from this day on"
        rows += [
            {"action": "lock", "entity": whose, "reason": "its turn has not come", "until": day.isoformat()},
            {"action": "forbid", "entity": whose, "provider": "OWN", "reason": must, "from": day.isoformat()},
        ]
    return rows


def _policy() -> Policy:
    policy = priced_policy()
    del policy["handover_cost"]
    moves = {name: cost for name, cost in policy.pop("transition").items() if name != "double_running"}
    return {
        **policy,
        "as_of": START,
        "calendar_year": START.year,
        "bundle_mode": "together",
        "own_min_headcount": 0,
        "backup": False,
        "handover_months": value("cluster.handover_months"),
        "horizon": {"start": START, "unit": "quarter", "count": PERIODS},
        "transition": moves,
    }


def _assumed() -> list[Row]:
    """What is assumed beside the figures of the large cases."""
    own = "the two global centres count as the own side, so that limits on other agencies bind the rest only"
    mix = "share of international posts that gives Entebbe its published cost; pay and premises by place as for centres"
    return [
        remark("entities", "*", "headcount", "published", "staff of UNDP in the country, 2019", "CEB/2020/HLCM/HR/12"),
        assumed("entities", "*", "kind", "cluster: planning zone and language", f"{UNDP} (rule)"),
        assumed("providers", "*", "kind", own),
        *(entry("providers", p, "absorb_fte", figure("cluster.absorb_fte")) for p in (*GLOBAL, *OTHERS)),
        *(entry("providers", p, "capacity_fte", figure("cluster.room"), ranged=False) for p in GLOBAL),
        assumed("decisions", "*", "from", "small clusters first, one a quarter", f"{UNDP} (phases, no dates)"),
        entry("policy", "*", "handover_months", figure("cluster.handover_months")),
        *(assumed("staffing", "*", c, mix, "cost of a post as for providers") for c in ("share", "cost_per_fte")),
    ]
