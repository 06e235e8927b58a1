"""Checked columns to the frozen case."""

from __future__ import annotations

from dataclasses import fields
from itertools import compress, starmap
from typing import TYPE_CHECKING, Any

from optimizer.domain.case import Case
from optimizer.domain.types import (
    Assumption,
    CurrentRow,
    Decision,
    Demand,
    Entity,
    Offer,
    Provider,
    Service,
    Tier,
    WorkPattern,
)
from optimizer.io.canonical import canonical_tables
from optimizer.io.reference import countries

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.policy import Policy
    from optimizer.io.places import Located
    from optimizer.validation.tables import ParsedTable, ParsedTables

__all__ = ["build_case"]


def build_case(tables: ParsedTables, policy: Policy, name: str) -> Case:
    """Case from sorted tables without errors, places and volumes settled."""
    entities = _located(Entity, tables["entities"], _ENTITY)
    providers = _located(Provider, tables["providers"], _PROVIDER)
    codes = {x.place.country for x in (*entities, *providers)}
    return Case(
        policy=policy,
        entities=tuple(e for e in entities if e.in_case(policy.as_of)),
        services=_rows(Service, tables["services"]),
        demands=_demands(tables["demands"]),
        providers=tuple(providers),
        offers=_rows(Offer, tables["offers"]),
        tiers=_rows(Tier, tables["tiers"]),
        current=_rows(CurrentRow, tables["current"]),
        decisions=_rows(Decision, tables["decisions"]),
        assumptions=_rows(Assumption, tables["assumptions"]),
        countries={c: countries()[c] for c in sorted(codes)},
        absent_entities=tuple(e for e in entities if not e.in_case(policy.as_of)),
        tables=canonical_tables(tables, policy),
        name=name,
    )


def _rows(make: type[Any], table: ParsedTable) -> tuple[Any, ...]:
    """Objects whose fields are called like the columns."""
    return tuple(starmap(make, zip(*(table[f.name] for f in fields(make)), strict=True)))


_ENTITY = [
    "id",
    "name",
    "headcount",
    "kind",
    "organisation",
    "languages",
    "hardship_class",
    "start",
    "end",
    "lead_preference",
]
_PROVIDER = [
    "id",
    "name",
    "kind",
    "status",
    "organisation",
    "languages",
    "capacity_fte",
    "base_fte",
    "min_fte",
    "setup_cost",
    "site_fixed_cost",
    "cost_per_fte",
    "hardship_class",
]


def _located(make: Callable[..., Any], table: ParsedTable, names: list[str]) -> list[Any]:
    """Entities or providers, with place and working time."""
    places: list[Located] = table["located"]
    hours = zip(table["work_start"], table["work_end"], strict=True)
    patterns = [WorkPattern(p.time_zone, *h, p.weekend) for p, h in zip(places, hours, strict=True)]
    rows = zip(*(table[n] for n in names), strict=True)
    return [
        make(place=p.place, work=work, **dict(zip(names, row, strict=True)))
        for p, work, row in zip(places, patterns, rows, strict=True)
    ]


def _demands(table: ParsedTable) -> tuple[Demand, ...]:
    """Active demands only."""
    columns = ("entity", "service", "settled", "basis", "own_unit_cost", "own_fixed_cost")
    rows = zip(*(table[c] for c in columns), strict=True)
    return tuple(starmap(Demand, compress(rows, table["active"])))
