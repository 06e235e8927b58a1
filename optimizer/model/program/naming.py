"""Readable names of columns and rows, made on demand."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from optimizer.domain.names import OWN, ZONES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.model.problem import Problem
    from optimizer.model.program.groups import ColumnGroup, RowBlock
    from optimizer.model.program.program import Program

__all__ = ["block_of_row", "column_name", "file_names", "group_of_column", "names_of", "row_name", "rule_of_row"]

_LONGEST = 200


def group_of_column(program: Program, column: int) -> ColumnGroup:
    """Group that a column belongs to."""
    if not 0 <= column < program.n_columns:
        raise IndexError(f"no column {column}")
    groups = [g for g in program.groups if g.stop > g.start]
    return groups[bisect_right([g.start for g in groups], column) - 1]


def block_of_row(program: Program, row: int) -> RowBlock:
    """Block that a row belongs to."""
    if not 0 <= row < program.n_rows:
        raise IndexError(f"no row {row}")
    return program.blocks[bisect_right([b.start for b in program.blocks], row) - 1]


def column_name(program: Program, column: int) -> str:
    """Kind and the names behind a column: ``y[UNON,payroll]``, ``x[RCO-KE,payroll,UNON]``."""
    group = group_of_column(program, column)
    index = group.index[column - group.start].tolist()
    if group.labels:
        return f"{group.kind}[{group.labels[column - group.start]}]"
    return f"{group.kind}[{names_of(program.problem, group.key, index)}]"


def row_name(program: Program, row: int) -> str:
    """Rule, part and the names behind a row: ``site_count:zone[americas]``."""
    block = block_of_row(program, row)
    index = block.index[row - block.start].tolist()
    names = block.labels[row - block.start] if block.labels else names_of(program.problem, block.key, index)
    title = f"{block.rule}:{block.part}" if block.part else block.rule
    return f"{title}[{names}]" if names else title


def rule_of_row(program: Program, row: int) -> str:
    """Rule (or ``cost:<term>``) that put a row there."""
    return block_of_row(program, row).rule


def names_of(problem: Problem, key: str, index: Sequence[int]) -> str:
    """Names behind the indices of a column or row, joined by commas."""
    return ",".join(_name(problem, letter, i) for letter, i in zip(key, index, strict=True))


def _name(problem: Problem, letter: str, i: int) -> str:
    """Name behind one index, by the letter of its meaning."""
    if letter == "d":
        return f"{problem.entity_ids[problem.demand_entity[i]]},{problem.service_ids[problem.demand_service[i]]}"
    if letter == "p":
        return OWN if i == problem.n_providers else problem.provider_ids[i]
    if letter == "g":
        members = (problem.bundle == i).nonzero()[0].tolist()
        services = [problem.service_ids[problem.demand_service[d]] for d in members]
        return f"{problem.entity_ids[problem.demand_entity[members[0]]]},{'+'.join(services)}"
    if letter == "e":
        return problem.entity_ids[i]
    if letter == "s":
        return problem.service_ids[i]
    if letter == "l" and problem.quality is not None:
        return problem.quality.languages[i]
    return ZONES[i] if letter == "a" else str(i)


def file_names(names: Sequence[str]) -> list[str]:
    """Variant of each name that LP and MPS files can hold: letters, digits, ``_`` and ``.``, unique."""
    out: list[str] = []
    used: set[str] = set()
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_.]", "_", re.sub(r"[\[\],:+]+", ".", name).strip("."))[:_LONGEST]
        if not plain[:1].isalpha() or plain[:1] in "eE":
            plain = f"n.{plain}"
        unique, count = plain, 1
        while unique in used:
            count += 1
            unique = f"{plain}..{count}"
        used.add(unique)
        out.append(unique)
    return out
