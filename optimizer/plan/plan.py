"""A plan as a typed, frozen value, with the way from its document and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.domain.steady import only_steady
from optimizer.plan.codec import as_document, as_html, read_blocks
from optimizer.plan.frames import TABLES, frame
from optimizer.plan.values import (
    Assignment,
    BaselineCost,
    Bounds,
    Cost,
    Entity,
    Line,
    People,
    Run,
    Savings,
    Site,
    Status,
    Unallocated,
    Verification,
)

if TYPE_CHECKING:
    import pandas as pd

    from optimizer.domain.case import Case

__all__ = ["SCHEMA", "Plan"]

SCHEMA: Final = "designate.plan/1"


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """Who serves whom, what it costs, how good it is, and what the check found.

    Made by ``solve`` and ``price``, or from a document by ``from_document``. Its fields are the blocks of
    ``designate.plan/1``. Equal plans have equal documents.

    Parameters
    ----------
    case : Case, optional
        The case it answers; with it, tables show names and countries.

    Examples
    --------
    >>> import optimizer
    >>> plan = optimizer.solve(optimizer.example("tiny"))
    >>> plan.status.solution
    'optimal'
    >>> plan.frame("moves")[["entity", "service", "moved_from", "provider"]].iloc[0].tolist()
    ['CHARLIE', 'payables', 'GVA', 'AGY']
    """

    schema: Literal["designate.plan/1"]
    run: Run
    status: Status
    bounds: Bounds
    cost: Cost | None
    baseline: BaselineCost | None
    savings: Savings | None
    people: People
    assignments: tuple[Assignment, ...]
    unallocated: tuple[Unallocated, ...]
    lines: tuple[Line, ...]
    sites: tuple[Site, ...]
    entities: tuple[Entity, ...]
    verification: Verification
    issues: tuple[Issue, ...]
    case: Case | None = field(default=None, compare=False)

    @classmethod
    def from_document(cls, document: Mapping[str, Any], case: Case | None = None) -> Plan:
        """The plan that a document holds.

        Raises
        ------
        InputError
            ``plan_not_readable``: a key is missing, unknown or of the wrong kind; the place is told.
        HorizonNotTaken
            It is a plan over time: ``PlanOverTime`` reads it.
        """
        only_steady(document)
        return cls(**read_blocks(cls, SCHEMA, document), case=case)

    def document(self) -> dict[str, Any]:
        """``designate.plan/1`` as plain values, made anew at each call."""
        return as_document(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return Plan.from_document, (self.document(), self.case)

    def __hash__(self) -> int:
        return hash(self.run.id)

    @property
    def ok(self) -> bool:
        """There is a plan, and the independent check agrees with all of it."""
        return self.cost is not None and self.verification.ok

    @property
    def moves(self) -> tuple[Assignment, ...]:
        """Assignments whose provider is another than today's."""
        return tuple(a for a in self.assignments if a.moved_from is not None)

    def frame(self, name: str = "assignments") -> pd.DataFrame:
        """One table of the plan, with names and countries where the plan knows its case.

        Parameters
        ----------
        name : {"assignments", "moves", "lines", "sites", "entities"}

        Raises
        ------
        KeyError
            There is no such table.
        """
        if name not in TABLES:
            raise KeyError(f"a plan has no table {name!r}; it has {', '.join(TABLES)}")
        return frame(name, getattr(self, name), self.case)

    def __repr__(self) -> str:
        return f"<Plan {self.run.name or self.run.id}: {'; '.join(f'{k} {v}' for k, v in self._shown())}>"

    def _repr_html_(self) -> str:
        return as_html(f"Plan of {self.run.name or self.run.case_hash[:12]}", self._shown())

    def _shown(self) -> list[tuple[str, str]]:
        """What a reader looks for first, in words."""
        unit, out = self.run.currency, [("status", f"{self.status.solution}, {self.status.stopped_by}")]
        if self.cost is not None:
            out.append(("cost a year", f"{unit} {self.cost.total:,.0f}"))
        if self.bounds.gap_rel is not None:
            out.append(("gap", f"{self.bounds.gap_rel:.2%}"))
        if self.savings is not None and self.savings.annual is not None:
            out.append(("saving a year", f"{unit} {self.savings.annual:,.0f}"))
        if self.cost is not None:
            out.append(("moves", f"{len(self.moves):,} of {len(self.assignments):,}"))
        undone = sum(a.provider is None for a in self.assignments)
        out += [("unserved", f"{undone:,} of {len(self.assignments):,} demands")] if undone else []
        errors = sum(i.severity == "error" for i in self.issues)
        out += [("errors", f"{errors:,}")] if errors else []
        return [*out, ("verified", "yes" if self.verification.ok else "no")]
