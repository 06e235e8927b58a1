"""A packaged or generated case as plain rows with the few look-ups the tests need."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

import data
from data.tables import COLUMNS, Row, Tables, read_rows

OWN = "OWN"


@dataclass(frozen=True)
class Plain:
    """Tables and policy; every number as float, blanks as the contract says."""

    name: str
    tables: Tables
    policy: dict[str, Any]

    @cached_property
    def entity(self) -> dict[str, Row]:
        return {r["id"]: r for r in self.tables["entities"]}

    @cached_property
    def service(self) -> dict[str, Row]:
        return {r["id"]: r for r in self.tables["services"]}

    @cached_property
    def provider(self) -> dict[str, Row]:
        return {r["id"]: r for r in self.tables["providers"]}

    @cached_property
    def offer(self) -> dict[tuple[str, str], Row]:
        return {(r["provider"], r["service"]): r for r in self.tables["offers"]}

    @cached_property
    def demand(self) -> dict[tuple[str, str], Row]:
        return {(r["entity"], r["service"]): r for r in self.tables["demands"]}

    @cached_property
    def current(self) -> dict[tuple[str, str], str]:
        return {(r["entity"], r["service"]): r["provider"] for r in self.tables["current"]}

    @cached_property
    def volume(self) -> dict[tuple[str, str], float]:
        return {key: self._volume(row) for key, row in self.demand.items()}

    def _volume(self, row: Row) -> float:
        if row.get("volume"):
            return float(row["volume"])
        heads = float(self.entity[row["entity"]]["headcount"])
        return heads * float(self.service[row["service"]]["units_per_head"])

    def minutes(self, service: str) -> float:
        return float(self.service[service]["minutes_per_unit"])

    def room(self, provider: str, service: str) -> float:
        """Units a year that the case may put on a line."""
        row = self.offer[provider, service]
        return number(row, "capacity", float("inf")) - number(row, "base_volume")

    def site_minutes(self, provider: str) -> float:
        row = self.provider[provider]
        fte = number(row, "capacity_fte", float("inf")) - number(row, "base_fte")
        return fte * float(self.policy["minutes_per_fte_year"])

    def loads(self, plan: dict[tuple[str, str], str]) -> tuple[Counter[tuple[str, str]], Counter[str]]:
        """Units by line and minutes by site of a plan."""
        lines: Counter[tuple[str, str]] = Counter()
        sites: Counter[str] = Counter()
        for (entity, service), provider in plan.items():
            if provider != OWN:
                lines[provider, service] += self.volume[entity, service]
                sites[provider] += self.volume[entity, service] * self.minutes(service)
        return lines, sites

    def tiers(self) -> dict[tuple[str, str], list[tuple[float, float]]]:
        out: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for row in self.tables["tiers"]:
            out[row["provider"], row["service"]].append((float(row["from_volume"]), float(row["unit_cost"])))
        return out


def number(row: Row, column: str, blank: float = 0.0) -> float:
    return float(row[column]) if row.get(column) else blank


def load(folder: Path) -> Plain:
    tables = {name: read_rows(folder / f"{name}.csv") for name in COLUMNS}
    return Plain(folder.name, tables, tomllib.loads((folder / "policy.toml").read_text(encoding="utf-8")))


@pytest.fixture(params=data.names())
def case(request: pytest.FixtureRequest) -> Plain:
    """Every packaged case in turn."""
    return load(data.case_path(request.param))


@pytest.fixture(scope="session")
def secretariat() -> Plain:
    return load(data.case_path("secretariat"))


@pytest.fixture(scope="session")
def rco() -> Plain:
    return load(data.case_path("rco"))


@pytest.fixture(scope="session")
def tiny() -> Plain:
    return load(data.case_path("tiny"))


@pytest.fixture(scope="session")
def plain() -> type[Plain]:
    """The class itself, for generated cases."""
    return Plain
