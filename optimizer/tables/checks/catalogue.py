"""Every kind of finding about input, once: code, severity, meaning, remedy.

``CODES.md`` is made from this list; a test compares it with the codes the product uses.
"""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.cell_kinds import CELL_KINDS
from optimizer.tables.checks.draft_kinds import DRAFT_KINDS
from optimizer.tables.checks.kinds import Kind
from optimizer.tables.checks.option_kinds import OPTION_KINDS
from optimizer.tables.checks.patch_kinds import PATCH_KINDS
from optimizer.tables.checks.plan_kinds import PLAN_KINDS
from optimizer.tables.checks.rule_kinds import POLICY_KINDS, RULE_KINDS
from optimizer.tables.checks.source_kinds import SOURCE_KINDS
from optimizer.tables.checks.time_kinds import TIME_KINDS

__all__ = ["CATALOGUE", "KINDS", "Kind"]

KINDS: Final[dict[str, tuple[Kind, ...]]] = {
    "Files and tables": SOURCE_KINDS,
    "Cells": CELL_KINDS,
    "Rows and relations": RULE_KINDS,
    "Policy": POLICY_KINDS,
    "Planning over time": TIME_KINDS,
    "Changes of a case": PATCH_KINDS,
    "Changes of a draft": DRAFT_KINDS,
    "Plans and lists beside a case": PLAN_KINDS,
    "Options of commands and functions": OPTION_KINDS,
}
"""Kinds by chapter of the documentation."""

CATALOGUE: Final[dict[str, Kind]] = {k.code: k for kinds in KINDS.values() for k in kinds}
"""Kinds by code."""
