"""Builds the packaged cases from the reference tables and the register, byte for byte the same.

``figures.csv`` is the register of all figures that no reference table holds. Each module makes
one part: entities, volumes, pay, prices, capacities, providers, arrangement, policy, assumptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from data.builder import infeasible, secretariat, studies_rebuilt
from data.builder.closure import mission_closure
from data.builder.clusters import undp_cluster
from data.builder.five_years import secretariat_5y
from data.builder.local_service import rco_16
from data.builder.mission import mission_start
from data.builder.policy import to_toml
from data.builder.teams import bos_demo
from data.builder.tiny import tiny
from data.builder.two_sites import ungsc_unictf
from data.tables import COLUMNS, COLUMNS_OVER_TIME, Tables, columns_of, to_csv

__all__ = ["CASES", "write_all", "write_case"]

CASES: dict[str, Callable[[], tuple[Tables, dict[str, Any]]]] = {
    "secretariat": secretariat.secretariat,
    "secretariat-5y": secretariat_5y,
    "undp-cluster": undp_cluster,
    "rco": secretariat.rco,
    "tiny": tiny,
    "mission-start": mission_start,
    "mission-closure": mission_closure,
    "unhcr-2007": studies_rebuilt.unhcr_2007,
    "who-2008": studies_rebuilt.who_2008,
    "fao-2006": studies_rebuilt.fao_2006,
    "wfp-2007": studies_rebuilt.wfp_2007,
    "bos-demo": bos_demo,
    "rco-16": rco_16,
    "ungsc-unictf": ungsc_unictf,
    "infeasible-capacity": infeasible.capacity,
    "infeasible-language": infeasible.language,
    "infeasible-lock": infeasible.lock,
}
"""Packaged cases and what makes them."""


def write_case(folder: Path, tables: Tables, policy: Mapping[str, Any]) -> None:
    """Write a case folder: one CSV for each table, ``policy.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (*COLUMNS, *(n for n in COLUMNS_OVER_TIME if n not in COLUMNS and tables.get(n))):
        rows = tables.get(name, [])
        text = to_csv(rows, columns_of(name, rows))
        (folder / f"{name}.csv").write_bytes(text.encode("utf-8"))
    (folder / "policy.toml").write_bytes(to_toml(dict(policy)).encode("utf-8"))


def write_all(folder: Path) -> None:
    """Write every packaged case below a folder."""
    for name, build in CASES.items():
        write_case(folder / name, *build())
