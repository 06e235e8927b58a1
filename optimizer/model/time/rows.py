"""Rows and columns of the joint program, put together one by one: each knows its rule and its names."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import scipy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scipy.sparse import csr_matrix

    from optimizer.model.aliases import Floats

__all__ = ["ONE", "ZERO", "Expression", "Extra", "How", "Rows", "Sum", "total"]


class Expression(NamedTuple):
    """Σ coefficient · column + constant."""

    parts: Mapping[int, float]
    constant: float = 0.0

    @classmethod
    def of(cls, column: int, factor: float = 1.0) -> Expression:
        """One column."""
        return cls({column: factor})

    @property
    def fixed(self) -> bool:
        """No column decides it."""
        return not self.parts

    def value(self, values: Floats) -> float:
        """What it is in a vector of columns."""
        return self.constant + sum(factor * float(values[c]) for c, factor in self.parts.items())

    def times(self, factor: float) -> Expression:
        """Multiplied."""
        return Expression({c: factor * v for c, v in self.parts.items()}, factor * self.constant)

    def plus(self, *others: Expression) -> Expression:
        """Added up."""
        return total((self, *others))


ZERO = Expression({})
ONE = Expression({}, 1.0)


def total(expressions: Iterable[Expression]) -> Expression:
    """Sum of expressions."""
    parts: dict[int, float] = defaultdict(float)
    constant = 0.0
    for expression in expressions:
        constant += expression.constant
        for column, factor in expression.parts.items():
            parts[column] += factor
    return Expression({c: v for c, v in parts.items() if v}, constant)


How = Literal["any", "all"]


class Extra(NamedTuple):
    """A column behind those of the periods: its kind and names, and what it is in a plan."""

    kind: str
    names: tuple[str, ...]
    how: How
    of: tuple[Expression, ...]


class Sum(NamedTuple):
    """One row: lower ≤ parts ≤ upper, of a rule; ``names`` say which."""

    rule: str
    names: tuple[str, ...]
    parts: Mapping[int, float]
    lower: float
    upper: float


@dataclass
class Rows:
    """Columns and rows that tie periods together, behind those of the periods.

    Parameters
    ----------
    start : int
        Number of columns of all periods.
    """

    start: int
    kinds: list[Extra] = field(default_factory=list)
    cost: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    offset: float = 0.0
    sums: list[Sum] = field(default_factory=list)

    @property
    def n_columns(self) -> int:
        """All columns."""
        return self.start + len(self.kinds)

    def binary(self, kind: str, names: tuple[str, ...], how: How, of: Iterable[Expression]) -> Expression:
        """A new column of 0 or 1, and what it is in a plan: any, or all, of the expressions."""
        self.kinds.append(Extra(kind, names, how, tuple(of)))
        return Expression.of(self.n_columns - 1)

    def at_most(self, rule: str, names: tuple[str, ...], expression: Expression, limit: float) -> None:
        """expression ≤ limit; nothing where it always holds."""
        room = limit - expression.constant
        if expression.fixed and room >= 0:
            return
        self.sums.append(Sum(rule, names, expression.parts, -np.inf, room))

    def at_least(self, rule: str, names: tuple[str, ...], expression: Expression, limit: float) -> None:
        """expression ≥ limit."""
        room = limit - expression.constant
        if expression.fixed and room <= 0:
            return
        self.sums.append(Sum(rule, names, expression.parts, room, np.inf))

    def equal(self, rule: str, names: tuple[str, ...], expression: Expression, value: float) -> None:
        """expression = value."""
        room = value - expression.constant
        if expression.fixed and room == 0:
            return
        self.sums.append(Sum(rule, names, expression.parts, room, room))

    def pay(self, expression: Expression, price: float) -> None:
        """Add price · expression to the objective."""
        if not price:
            return
        self.offset += price * expression.constant
        for column, factor in expression.parts.items():
            self.cost[column] += price * factor

    def either(self, rule: str, kind: str, names: tuple[str, ...], of: Iterable[Expression]) -> Expression:
        """1 when any of the expressions, each 0 or 1, is 1; a new column unless one alone says it."""
        given = [e for e in of if e.parts or e.constant]
        if any(e.fixed and e.constant >= 1 for e in given):
            return ONE
        if len(given) <= 1:
            return given[0] if given else ZERO
        column = self.binary(kind, names, "any", given)
        for expression in given:
            self.at_least(rule, names, column.plus(expression.times(-1.0)), 0.0)
        self.at_most(rule, names, column.plus(*(e.times(-1.0) for e in given)), 0.0)
        return column

    def both(self, rule: str, kind: str, names: tuple[str, ...], first: Expression, second: Expression) -> Expression:
        """1 when both expressions, each 0 or 1, are 1."""
        for one, other in ((first, second), (second, first)):
            if one.fixed:
                return other if one.constant >= 1 else ZERO
        column = self.binary(kind, names, "all", (first, second))
        self.at_most(rule, names, column.plus(first.times(-1.0)), 0.0)
        self.at_most(rule, names, column.plus(second.times(-1.0)), 0.0)
        self.at_least(rule, names, column.plus(first.times(-1.0), second.times(-1.0)), -1.0)
        return column

    def matrix(self) -> csr_matrix:
        """The rows as a sparse matrix over all columns."""
        row = [i for i, s in enumerate(self.sums) for _ in s.parts]
        column = [c for s in self.sums for c in s.parts]
        value = [v for s in self.sums for v in s.parts.values()]
        shape = (len(self.sums), self.n_columns)
        return scipy.sparse.csr_matrix(scipy.sparse.coo_matrix((value, (row, column)), shape=shape))

    def costs(self) -> Floats:
        """Objective of every column."""
        out = np.zeros(self.n_columns)
        for column, price in self.cost.items():
            out[column] += price
        return out
