"""Which case a plan answers; by itself, so that a process that reads cases loads nothing of the store."""

from __future__ import annotations

from typing import Any

__all__ = ["answered"]


def answered(tables: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Tables of the very case that a plan answers: of its revision, with the limit of moves of its point."""
    if options.get("max_moves") is None:
        return tables
    return {**tables, "policy": {**tables.get("policy", {}), "max_moves": options["max_moves"]}}
