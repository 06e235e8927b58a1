"""Price lists and statements as files of one folder: document, tables, workbook, pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from optimizer.files import new_folder, write_bytes_atomic
from optimizer.plan.tables import frame_csv, frames_workbook, rows_frame
from optimizer.report.focus import FOCUS_COLUMNS, focus_rows
from optimizer.report.naming import Names
from optimizer.report.prices_page import render_prices
from optimizer.report.statement_page import render_statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from optimizer.domain.case import Case

__all__ = ["page_name", "write_prices", "write_statements"]

_MONEY: Final = frozenset(
    {
        *("full_cost", "charged", "reserve", "equalisation", "carried_over", "idle", "idle_charged", "idle_unshared"),
        *("provision", "carried_in", "own_cost", "cross_subsidy", "reserve_opening", "reserve_balance", "amount"),
        *(f"cost_{part}" for part in ("service", "site", "dispersion", "npo_compliance", "setup", "provision")),
        *("cost_carried_in", "before_amount", "change", "why_volume", "why_provider", "why_price", "memo_amount"),
        *("distance_cost", "distance_cost_before", "distance_change", "before", "idle_change"),
        *("ListCost", "ContractedCost", "BilledCost", "EffectiveCost", "x_ReserveCost", "x_OwnCost"),
    }
)
"""Columns that a workbook shows to the cent."""


def write_prices(told: Mapping[str, Any], case: Case, folder: Path, language: str = "en") -> list[Path]:
    """Write a price list: ``prices.json``, tables as CSV, ``prices.xlsx``, ``prices.html``; what is there is replaced.

    ``charges.csv`` has the column names of FOCUS.

    Parameters
    ----------
    told : mapping
        ``designate.prices/1``.
    case : Case
    folder : Path
    language : str, default "en"
        Of the page, one of ``LANGUAGES``.
    """
    frames = {
        "prices": rows_frame(told["prices"], ("provider", "service")),
        "providers": rows_frame(told["providers"], ("provider",)),
        "charges": rows_frame(focus_rows(told, told["charges"], case), FOCUS_COLUMNS),
    }
    return _written(folder, "prices", told, frames, {"prices.html": render_prices(told, case, language)})


def write_statements(told: Mapping[str, Any], case: Case, folder: Path, language: str = "en") -> list[Path]:
    """Write statements: ``statements.json``, tables as CSV, ``statements.xlsx``, and a page of each client.

    Parameters
    ----------
    told : mapping
        ``designate.statements/1``.
    case : Case
    folder : Path
    language : str, default "en"
        Of the pages, one of ``LANGUAGES``.
    """
    shown = told["statements"]
    services = [_service(s["entity"], x, Names(case)) for s in shown for x in s["services"]]
    lines = [c for s in shown for c in (*(line for x in s["services"] for line in x["lines"]), *s["idle"])]
    frames = {
        "statements": rows_frame([_client(s) for s in shown], ("entity", "name", "amount")),
        "services": rows_frame(services, ("entity", "service", "providers", "amount")),
        "memo": rows_frame([{"entity": s["entity"], **m} for s in shown for m in s["memo"]], ("entity", "service")),
        "charges": rows_frame(focus_rows(told, lines, case), FOCUS_COLUMNS),
    }
    pages = {page_name(s["entity"]): render_statement(told, s, case, language) for s in shown}
    return _written(folder, "statements", told, frames, pages)


def page_name(entity: str) -> str:
    """File of a client's page."""
    return f"statement-{quote(entity, safe='')}.html"


def _client(s: Mapping[str, Any]) -> dict[str, Any]:
    """A statement in one row: its figures, no lists."""
    flat = {k: v for k, v in s.items() if not isinstance(v, list) and k != "why"}
    return {**flat, **{f"why_{k}": v for k, v in (s["why"] or {}).items()}, "unknown": s["unknown"]}


def _service(entity: str, x: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A service of a statement in one row."""
    plain = {k: v for k, v in x.items() if k not in ("lines", "before", "why", "distance")}
    nested = {f"{k}_{part}": v for k in ("before", "why", "distance") for part, v in (x[k] or {}).items()}
    return {"entity": entity, "name": names.entity(entity), **plain, **nested}


def _written(
    folder: Path,
    name: str,
    told: Mapping[str, Any],
    frames: Mapping[str, pd.DataFrame],
    pages: Mapping[str, str],
) -> list[Path]:
    files = {f"{name}.json": (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8")}
    files |= {f"{table}.csv": frame_csv(frame) for table, frame in frames.items()}
    files[f"{name}.xlsx"] = frames_workbook(frames, _MONEY)
    files |= {page: text.encode("utf-8") for page, text in pages.items()}
    with new_folder(folder, overwrite=True) as draft:
        for file, data in files.items():
            write_bytes_atomic(draft / file, data)
    return [folder / file for file in files]
