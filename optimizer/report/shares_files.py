"""Fair shares as files of one folder: document, tables, workbook."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from optimizer.files import new_folder, write_bytes_atomic
from optimizer.plan.tables import frame_csv, frames_workbook, rows_frame

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["write_shares"]

_FIRST: Final = {
    "clients": ("entity", "name", "charge", "alone_lower", "alone_upper", "alone", "core", "shapley"),
    "groups": ("by", "name", "clients", "charge", "alone_lower", "alone_upper", "alone"),
    "holding": ("clients", "charge", "core", "lower", "upper"),
    "values": ("player", "clients", "charge", "lower", "value", "upper", "standard_error"),
}
_MONEY: Final = frozenset(
    {
        *("charge", "idle", "alone_lower", "alone_upper", "core", "lower", "upper", "value", "standard_error"),
        *("shapley_lower", "shapley", "shapley_upper"),
        *(
            f"{name}_{end}"
            for name in ("epsilon", "indivisibility", "objection", "excess")
            for end in ("lower", "upper")
        ),
    }
)
"""Columns that a workbook shows to the cent."""


def write_shares(told: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write ``shares.json``, a CSV of each table, the core as a table of one row, and all in ``shares.xlsx``.

    Parameters
    ----------
    told : mapping
        ``designate.shares/1``.
    folder : Path
        What is there is replaced when all is written.
    """
    frames = {name: rows_frame(told[name], first) for name, first in _FIRST.items()}
    frames["core"] = rows_frame([told["core"]], ("verdict",))
    files = {"shares.json": (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8")}
    files |= {f"{name}.csv": frame_csv(frame) for name, frame in frames.items()}
    files["shares.xlsx"] = frames_workbook(frames, _MONEY)
    with new_folder(folder, overwrite=True) as draft:
        for file, data in files.items():
            write_bytes_atomic(draft / file, data)
    return [folder / file for file in files]
