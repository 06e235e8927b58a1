"""The program as a file: CPLEX LP and free MPS, readable names, the same bytes every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from optimizer.model.program.naming import column_name, file_names, row_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from optimizer.model.program.program import Program

__all__ = ["lp_lines", "mps_lines", "write_lp", "write_mps"]

_WIDTH = 200


def write_lp(program: Program, path: Path) -> None:
    """Write CPLEX LP format."""
    _write(path, lp_lines(program))


def write_mps(program: Program, path: Path) -> None:
    """Write free MPS format."""
    _write(path, mps_lines(program))


def _write(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)


def _names(program: Program) -> tuple[list[str], list[str]]:
    """File names of columns and rows."""
    columns = file_names([column_name(program, j) for j in range(program.n_columns)])
    return columns, file_names([row_name(program, i) for i in range(program.n_rows)])


def _sides(program: Program) -> Iterator[tuple[int, str, float, str]]:
    """Sides of all rows as (row, E/L/G, right side, suffix); a row with two limits comes twice."""
    sides = zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for i, (low, high) in enumerate(sides):
        if low == high:
            yield i, "E", low, ""
            continue
        if np.isfinite(high):
            yield i, "L", high, ""
        if np.isfinite(low):
            yield i, "G", low, "..low" if np.isfinite(high) else ""


def _number(value: float) -> str:
    """Shortest text that reads back as the same number."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def _terms(columns: Iterable[int], values: Iterable[float], names: list[str]) -> Iterator[str]:
    for j, v in zip(columns, values, strict=True):
        yield f"{'-' if v < 0 else '+'} {_number(abs(v))} {names[j]}"


def _wrapped(head: str, words: Iterable[str], tail: str = "") -> Iterator[str]:
    """One expression over as many lines as needed."""
    line = head
    for word in [*words, tail]:
        if len(line) + len(word) > _WIDTH:
            yield line
            line = " "
        line = f"{line} {word}" if word else line
    yield line


def lp_lines(program: Program) -> Iterator[str]:
    """Lines of the CPLEX LP file.

    The column ``constant``, fixed at 1, carries the constant of the objective; rows without any
    entry hold it at 0, as the format has no empty expression.
    """
    columns, rows = _names(program)
    names = [*columns, "constant"]
    priced = np.flatnonzero(np.append(program.c, 1.0))
    cost = np.append(program.c, program.offset)[priced]
    yield "Minimize"
    yield from _wrapped(" cost:", _terms(priced.tolist(), cost.tolist(), names))
    yield "Subject To"
    a, sign = program.a, {"E": "=", "L": "<=", "G": ">="}
    for i, side, value, suffix in _sides(program):
        part = slice(a.indptr[i], a.indptr[i + 1])
        terms = list(_terms(a.indices[part].tolist(), a.data[part].tolist(), names)) or ["+ 0 constant"]
        yield from _wrapped(f" {rows[i]}{suffix}:", terms, f"{sign[side]} {_number(value)}")
    yield from _lp_bounds(program, columns)
    yield "End"


def _lp_bounds(program: Program, columns: list[str]) -> Iterator[str]:
    """Bounds that differ from 0 … 1 of binaries and 0 … ∞ of the others, then the kinds."""
    low, high = program.lower.tolist(), program.upper.tolist()
    binary = program.integer & (program.lower == 0) & (program.upper == 1)
    yield "Bounds"
    for j in np.flatnonzero(~binary).tolist():
        top = f" <= {_number(high[j])}" if np.isfinite(high[j]) else ""
        yield f" {_number(low[j])} <= {columns[j]}{top}"
    yield " constant = 1"
    for title, kind in (("Binaries", binary), ("Generals", program.integer & ~binary)):
        if kind.any():
            yield title
            yield from _wrapped("", [columns[j] for j in np.flatnonzero(kind).tolist()])


def mps_lines(program: Program) -> Iterator[str]:
    """Lines of the free MPS file; the constant of the objective stands, negated, as its right side."""
    columns, rows = _names(program)
    sides = list(_sides(program))
    yield "NAME designate"
    yield "ROWS"
    yield " N cost"
    for i, side, _, suffix in sides:
        yield f" {side} {rows[i]}{suffix}"
    yield "COLUMNS"
    yield from _mps_columns(program, columns, rows)
    yield "RHS"
    if program.offset:
        yield f" RHS cost {_number(-program.offset)}"
    for i, _, value, suffix in sides:
        if value:
            yield f" RHS {rows[i]}{suffix} {_number(value)}"
    yield "BOUNDS"
    for j, (low, high) in enumerate(zip(program.lower.tolist(), program.upper.tolist(), strict=True)):
        if low:
            yield f" LO BND {columns[j]} {_number(low)}"
        yield f" UP BND {columns[j]} {_number(high)}" if np.isfinite(high) else f" PL BND {columns[j]}"
    yield "ENDATA"


def _mps_columns(program: Program, columns: list[str], rows: list[str]) -> Iterator[str]:
    """Entries by column, integer columns between markers."""
    a = program.a.tocsc()
    doubled = np.isfinite(program.row_lower) & np.isfinite(program.row_upper) & (program.row_lower < program.row_upper)
    inside = False
    for j, name in enumerate(columns):
        if bool(program.integer[j]) != inside:
            inside = not inside
            yield f" MARKER 'MARKER' '{'INTORG' if inside else 'INTEND'}'"
        part = slice(a.indptr[j], a.indptr[j + 1])
        if program.c[j] or part.start == part.stop:
            yield f" {name} cost {_number(float(program.c[j]))}"
        for i, v in zip(a.indices[part].tolist(), a.data[part].tolist(), strict=True):
            yield f" {name} {rows[i]} {_number(v)}"
            if doubled[i]:
                yield f" {name} {rows[i]}..low {_number(v)}"
    if inside:
        yield " MARKER 'MARKER' 'INTEND'"
