"""Scenario files for the example of the Secretariat: ``python -m data.builder.scenarios`` writes ``data/scenarios``.

What was proposed in its time, as far as this model can say it: who may do location-independent work, in centres that
are as large as it takes. Sources are named in each file.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from data import case_path
from data.builder.pay import cost_per_fte

__all__ = ["scenario_files"]

CASE: Final = "secretariat"
_Run = tuple[str, Mapping[str, Any], list[dict[str, Any]], Mapping[str, Any]]
"""Name, rows to add by table, changes, keys of the policy."""

MODEL: Final = "SSC-MNL"
"""Candidate whose services, volumes and shape of prices new candidates have."""


def scenario_files() -> dict[str, str]:
    """Text of each file by its name."""
    return {
        "gsdm-2018": _gsdm(
            "Global service delivery model as proposed in 2018: Nairobi, Budapest, Mexico City (A/72/801/Add.1)",
            ("UNON", "SSC-BUD", "SSC-MEX"),
            (),
        ),
        "gsdm-2019": _gsdm(
            "Global service delivery model as revised in 2019: Nairobi, Shenzhen, Budapest, Montréal (A/73/706)",
            ("UNON", "SSC-BUD", "SSC-SZX", "SSC-YUL"),
            (_shenzhen(), _montreal()),
        ),
        "un80": _un80(),
    }


def _rows(table: str) -> list[dict[str, str]]:
    with (case_path(CASE) / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]


def _global_services() -> list[str]:
    return [s["id"] for s in _rows("services") if s["location_class"] == "global"]


def _forbidden(services: Iterable[str], centres: Iterable[str], new: Iterable[str] = ()) -> list[dict[str, str]]:
    """Decisions that keep services away from every other Secretariat provider that offers them."""
    kept, wanted = set(centres), set(services)
    mine = {p["id"] for p in _rows("providers") if p["kind"] == "secretariat"} | set(new)
    pairs = {(o["provider"], o["service"]) for o in _rows("offers")}
    return [
        {"action": "forbid", "entity": "*", "service": s, "provider": p, "reason": "not a centre of this scenario"}
        for p, s in sorted(pairs)
        if p in mine - kept and s in wanted
    ]


def _room(centres: Iterable[str]) -> list[dict[str, Any]]:
    """Centres as large as it takes, open whatever little they get."""
    ids = sorted(centres)
    cells = (("providers", "capacity_fte"), ("providers", "min_fte"), ("offers", "capacity"), ("offers", "min_volume"))
    keys = {"providers": "id", "offers": "provider"}
    return [{"table": t, "where": {keys[t]: ids}, "column": c, "set": ""} for t, c in cells]


def _gsdm(told: str, centres: tuple[str, ...], new: tuple[dict[str, Any], ...]) -> str:
    forbidden = _forbidden(_global_services(), centres)
    tables = {"decisions": forbidden, **_candidates(new)}
    runs: list[_Run] = [
        ("the centres carry what is global", tables, _room(centres), {}),
        ("the centres alone, no agencies", tables, _room(centres), {"agency_share_max": 0}),
        ("the centres may be as large as it takes, others may serve too", _candidates(new), _room(centres), {}),
    ]
    return _file(told, runs)


def _un80() -> str:
    services = _global_services()
    platforms, payroll = ("UNHQ-DOS", "ESCAP"), ("UNHQ-DOS", "RSCE", "UNON")
    others = [s for s in services if s != "payroll"]
    one = {"decisions": _forbidden(["payroll"], payroll)}
    two = {"decisions": _forbidden(others, platforms)}
    both = {"decisions": [*one["decisions"], *two["decisions"]]}
    told = "UN80 proposals of 2025: platforms in New York and Bangkok; payroll in New York, Entebbe and Nairobi"
    runs: list[_Run] = [
        ("payroll in New York, Entebbe and Nairobi", one, _room(payroll), {}),
        ("platforms in New York and Bangkok", two, _room(platforms), {}),
        ("both", both, _room({*platforms, *payroll}), {}),
    ]
    return _file(told, runs)


def _shenzhen() -> dict[str, Any]:
    cost = cost_per_fte("Beijing", "CN", 0.25)
    return {
        "id": "SSC-SZX",
        "city": "Shenzhen",
        "latitude": 22.5431,
        "longitude": 114.0579,
        "country": "CN",
        "time_zone": "Asia/Shanghai",
        "languages": "en;fr;zh",
        "hardship_class": "A",
        "cost": cost,
        "basis": "derived",
        "low": 0.75,
        "high": 1.25,
        "source": "pay model of the example, prices and income of China (World Bank)",
    }


def _montreal() -> dict[str, Any]:
    return {
        "id": "SSC-YUL",
        "city": "Montréal",
        "latitude": 45.5017,
        "longitude": -73.5673,
        "country": "CA",
        "time_zone": "America/Toronto",
        "languages": "en;fr",
        "hardship_class": "H",
        "cost": 165000,
        "basis": "assumed",
        "low": 0.8,
        "high": 1.2,
        "source": "between the example's figures for Budapest and New York; no price level of Canada is packaged",
    }


def _candidates(new: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Rows of candidates: those of the model with another place and cost."""
    tables: dict[str, list[dict[str, Any]]] = {}
    model = next(p for p in _rows("providers") if p["id"] == MODEL)
    for place in new:
        factor = place["cost"] / float(model["cost_per_fte"])
        named = {k: place[k] for k in ("id", "city", "latitude", "longitude", "country", "time_zone", "hardship_class")}
        row = {
            **model,
            **named,
            "name": f"Shared service centre, {place['city']} (candidate)",
            "languages": place["languages"],
            "cost_per_fte": place["cost"],
            "site_fixed_cost": round(float(model["site_fixed_cost"]) * factor),
        }
        tables.setdefault("providers", []).append(row)
        tables.setdefault("offers", []).extend(_scaled("offers", place["id"], "fixed_cost", factor))
        tables.setdefault("tiers", []).extend(_scaled("tiers", place["id"], "unit_cost", factor))
        about = {"table": "providers", "key": place["id"], "column": "cost_per_fte", "basis": place["basis"]}
        ends = {"low": round(place["low"] * place["cost"]), "high": round(place["high"] * place["cost"])}
        why = {"reason": "a candidate of the scenario, not of the case", "source": place["source"]}
        tables.setdefault("assumptions", []).append({**about, **ends, **why})
    return tables


def _scaled(table: str, provider: str, column: str, factor: float) -> list[dict[str, Any]]:
    rows = [r for r in _rows(table) if r["provider"] == MODEL]
    return [{**r, "provider": provider, column: round(float(r[column]) * factor, 4)} for r in rows]


def _file(told: str, runs: Iterable[_Run]) -> str:
    lines = [f"# {told}.", "", "[base]", f'case = "{CASE}"']
    for name, tables, changes, policy in runs:
        lines += ["", "[[scenario]]", f"name = {_toml(name)}"]
        lines += [f"policy = {_toml(policy)}"] if policy else []
        lines += ["change = [", *(f"  {_toml(c)}," for c in changes), "]"]
        for table, rows in tables.items():
            lines += ["", f"[scenario.patch.tables.{table}]", "add = [", *(f"  {_toml(r)}," for r in rows), "]"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, int) and abs(value) < 1e6 else repr(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "scenarios"
    for name, text in scenario_files().items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
