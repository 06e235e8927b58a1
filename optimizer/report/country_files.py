"""Answers of the country model as files of one folder: document, tables, workbook; of many countries a table, a map."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from optimizer.files import new_folder, write_bytes_atomic
from optimizer.plan.tables import frame_csv, frames_workbook, rows_frame
from optimizer.report.country_map import country_map

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["write_countries", "write_country"]

_FIRST: Final = {
    "years": ("year", "begin", "baseline", "running", "saving", "one_off", "net", "nobody", "cumulative"),
    "entities": ("year", "entity", "name", "baseline", "running", "saving", "one_off", "net"),
    "setting_up": ("provider", "name", "year", "switches", "setup", "transition", "double_running", "other", "total"),
    "services": ("service", "service_name", "provider", "name", "clients", "volume", "effort_fte", "unit_cost"),
}
_COUNTRIES: Final = ("country", "name", "city", "offices", "staff", "solution", "saving", "one_off", "npv")
_MONEY: Final = frozenset(
    {
        *("baseline", "running", "saving", "one_off", "net", "nobody", "cumulative", "npv"),
        *("setup", "transition", "double_running", "other", "total", "unit_cost", "unit_cost_before"),
    }
)
"""Columns that a workbook shows to the cent."""


def write_country(told: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``bos.json``, a CSV of each table, and all of them in ``bos.xlsx``.

    Parameters
    ----------
    told : mapping
        ``designate.bos/1``.
    folder : Path
        What is there is replaced when all is written.
    """
    frames = {name: rows_frame(told[name], first) for name, first in _FIRST.items()}
    files = {"bos.json": _json(told), "bos.xlsx": frames_workbook(frames, _MONEY)}
    files |= {f"{name}.csv": frame_csv(frame) for name, frame in frames.items()}
    return _write(files, folder)


def write_countries(told: Mapping[str, Any], folder: Path, language: str = "en") -> list[Path]:
    """Write ``countries.json``, ``countries.csv``, ``countries.xlsx`` and the map ``countries.svg``.

    Parameters
    ----------
    told : mapping
        ``designate.bos-countries/1``.
    folder : Path
        As of ``write_country``.
    language : str, default "en"
        Of the map, one of ``LANGUAGES``.
    """
    frame = rows_frame(told["countries"], _COUNTRIES)
    files = {
        "countries.json": _json(told),
        "countries.csv": frame_csv(frame),
        "countries.xlsx": frames_workbook({"countries": frame}, _MONEY),
        "countries.svg": country_map(told, language).encode("utf-8"),
    }
    return _write(files, folder)


def _json(told: Mapping[str, Any]) -> bytes:
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _write(files: Mapping[str, bytes], folder: Path) -> list[Path]:
    with new_folder(folder, overwrite=True) as draft:
        for file, data in files.items():
            write_bytes_atomic(draft / file, data)
    return [folder / file for file in files]
