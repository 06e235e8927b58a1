"""The case ``ungsc-unictf``: two sites run one network in parallel, so that the loss of either is survived."""

from __future__ import annotations

from typing import Final

from data.builder.arrangement import arrangement_of
from data.builder.assumptions import entry, remark
from data.builder.entities import entity_rows
from data.builder.field import assumed
from data.builder.figures import figure, value
from data.builder.pay import cost_per_fte
from data.builder.policy import Policy, priced_policy
from data.builder.small import line, provider, service, tables_of
from data.tables import Row, Tables, num

__all__ = ["ungsc_unictf"]

SITES: Final = {"UNGSC": ("Global Service Centre", "Brindisi", "IT"), "UNICTF": ("ICT Facility", "Valencia", "ES")}
SG23: Final = "Secretary-General 2023 report on the global operational support architecture, para. 21-23"


def ungsc_unictf() -> tuple[Tables, Policy]:
    """Return the peace operations, one network service, two sites that each can carry all of it."""
    field = entity_rows(("peacekeeping", "special_political"))
    clients = [e for e in field if arrangement_of(e)["ict_helpdesk"] in SITES]
    tables, heads = tables_of(), sum(float(e["headcount"]) for e in clients)
    tables["entities"] = clients
    minutes = value("network.minutes")
    tables["services"] = [service("network", "Network and data storage", "person", minutes, critical="yes")]
    tables["demands"] = [{"entity": e["id"], "service": "network", "volume": e["headcount"]} for e in clients]
    tables["current"] = [
        {"entity": e["id"], "service": "network", "provider": arrangement_of(e)["ict_helpdesk"]} for e in clients
    ]
    tables["providers"] = [_site(key) for key in SITES]
    for key, (_, city, code) in SITES.items():
        cost = cost_per_fte(city, code)
        rooms = {"capacity": num(value("network.room") * heads, 0)}
        rooms["min_volume"] = num(value("network.least_share") * heads, 0)
        price = round(minutes / value("minutes_per_fte_year") * cost, 4)
        line(tables, (key, "network"), round(value("network.fixed_fte") * cost), {0: price}, **rooms)
    tables["decisions"] = []
    policy = {**priced_policy(), "backup": True}
    for key in ("agency_min_saving", "agency_share_max"):
        del policy[key]
    tables["assumptions"] = _notes(policy)
    return tables, policy


def _site(key: str) -> Row:
    name, city, _ = SITES[key]
    return provider(key, f"United Nations {name}, {city}", city, languages="en;fr", hardship_class="H")


def _notes(policy: Policy) -> list[Row]:
    cost = "work and crew at the cost of a post at the place"
    both = "missions of Africa and Asia as the help desk is shared today"
    return [
        entry("policy", "*", "minutes_per_fte_year", figure("minutes_per_fte_year")),
        *(entry("policy", "*", n, figure(f"policy.{n}")) for n in ("interface_cost", "discount_rate") if n in policy),
        remark("policy", "*", "backup", "published", "two sites in parallel as a mitigation of risk", SG23),
        remark(
            "demands", "*", "volume", "derived", "one for each of the civilian staff", "reference table of entities"
        ),
        assumed("current", "*", "provider", both, SG23),
        entry("services", "network", "minutes_per_unit", figure("network.minutes")),
        assumed("offers", "*", "fixed_cost", f"{figure('network.fixed_fte').reason}; {cost}", SG23),
        assumed("offers", "*", "capacity", figure("network.room").reason, SG23),
        assumed("offers", "*", "min_volume", figure("network.least_share").reason, SG23),
        assumed("tiers", "*", "unit_cost", cost, "cost of a post as for providers"),
    ]
