"""Checked columns to the frozen case."""

from __future__ import annotations

from itertools import compress
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
from optimizer.io.schema import TABLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from optimizer.domain.policy import Policy
    from optimizer.io.places import Located
    from optimizer.io.volumes import Volumes
    from optimizer.validation.tables import ParsedTable, ParsedTables

__all__ = ["build_case"]


def build_case(tables: ParsedTables, places: dict[str, list[Located]], volumes: Volumes, policy: Policy,
               name: str) -> Case:  # fmt: skip
    """Case from sorted tables without errors; places and volumes are in the tables' order."""
    entities = _located(Entity, tables["entities"], places["entities"], _ENTITY)
    providers = _located(Provider, tables["providers"], places["providers"], _PROVIDER)
    codes = {x.place.country for x in (*entities, *providers)}
    return Case(
        policy=policy,
        entities=tuple(e for e in entities if e.in_case(policy.as_of)),
        services=_rows(Service, tables["services"]),
        demands=_demands(tables["demands"], volumes),
        providers=tuple(providers),
        offers=_rows(Offer, tables["offers"]),
        tiers=_rows(Tier, tables["tiers"]),
        current=_rows(CurrentRow, tables["current"]),
        decisions=_rows(Decision, tables["decisions"]),
        assumptions=_rows(Assumption, tables["assumptions"]),
        countries={c: countries()[c] for c in sorted(codes)},
        absent_entities=tuple(e for e in entities if not e.in_case(policy.as_of)),
        tables=canonical_tables(tables, places, policy),
        name=name,
    )


def _rows(make: Callable[..., Any], table: ParsedTable) -> tuple[Any, ...]:
    """Objects whose fields are called like the columns."""
    names = [c.name for c in TABLE_NAMES[table.name].columns]
    return tuple(make(**dict(zip(names, row, strict=True))) for row in _zip(table, names))


def _zip(table: ParsedTable, names: list[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(table[n] for n in names), strict=True)


_ENTITY = ["id", "name", "headcount", "kind", "organisation", "languages", "hardship_class", "start", "end",
           "lead_preference"]  # fmt: skip
_PROVIDER = ["id", "name", "kind", "status", "organisation", "languages", "capacity_fte", "base_fte", "min_fte",
             "setup_cost", "site_fixed_cost", "cost_per_fte", "hardship_class"]  # fmt: skip


def _located(make: Callable[..., Any], table: ParsedTable, places: list[Located], names: list[str]) -> list[Any]:
    """Entities or providers, with place and working time."""
    hours = zip(table["work_start"], table["work_end"], strict=True)
    patterns = [WorkPattern(p.time_zone, *h, p.weekend) for p, h in zip(places, hours, strict=True)]
    return [
        make(place=p.place, work=work, **dict(zip(names, row, strict=True)))
        for p, work, row in zip(places, patterns, _zip(table, names), strict=True)
    ]


def _demands(table: ParsedTable, volumes: Volumes) -> tuple[Demand, ...]:
    """Active demands only."""
    keys = list(zip(table["entity"], table["service"], strict=True))
    wanted = map(volumes.active.__contains__, keys)
    columns = zip(table["entity"], table["service"], volumes.volume, volumes.basis, table["own_unit_cost"],
                  table["own_fixed_cost"], strict=True)  # fmt: skip
    return tuple(Demand(*row) for row in compress(columns, wanted))
