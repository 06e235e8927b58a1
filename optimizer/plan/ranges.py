"""What a plan comes to under uncertain assumptions, as frozen values with the way from their document and back.

Fields are named and ordered as in ``designate.range/1``. Money is of the whole horizon, ``None`` where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.plan.codec import as_html
from optimizer.plan.tidy import cells

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MEASURES",
    "RANGE_SCHEMA",
    "Band",
    "CashBand",
    "Crossing",
    "DecisionStays",
    "End",
    "RangeOfPlan",
    "RangedRow",
    "Reoptimised",
    "Spread",
    "Swing",
]

RANGE_SCHEMA: Final = "designate.range/1"

MEASURES: Final = ("running", "saving", "one_off", "npv", "break_even")
"""What is told of a plan, in the order of the document; all money but ``break_even``, months."""


@dataclass(frozen=True, slots=True)
class RangedRow:
    """One row with both ends, in the order of the draws.

    Parameters
    ----------
    row : int
        Its number among them, from 1.
    source : {"assumptions", "paths"}
    table, key, column : str
        The figure, or figures, that it speaks of.
    begins : str
        First day of a row of ``paths``, ISO; else empty.
    low, high : float
    figures : int
        How many figures it governs: those for which no more exact row stands.
    least, greatest : float, optional
        The smallest and the largest of these figures; ``None`` where there are none.
    """

    row: int
    source: Literal["assumptions", "paths"]
    table: str
    key: str
    column: str
    begins: str
    low: float
    high: float
    figures: int
    least: float | None
    greatest: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """One tenth, the middle, nine tenths; ``None``: there is none, or it does not break even."""

    p10: float | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure of the plan.

    Parameters
    ----------
    planned : float, optional
        With every figure as the case says it.
    p10, p50, p90 : float, optional
    """

    planned: float | None
    p10: float | None
    p50: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class CashBand:
    """Saving less one-off cost, added up to the end of a period: as it is paid, and discounted."""

    period: int
    begin: str
    paid: Spread
    discounted: Spread


@dataclass(frozen=True, slots=True)
class End:
    """The plan with the figures of one row at one end, all others as the case says them.

    Parameters
    ----------
    valid : bool
        The figures make a case; else everything is ``None``.
    running, saving, one_off, npv : float, optional
    break_even : int, optional
    broken : tuple of str
        Rules that the plan then breaks.
    """

    valid: bool
    running: float | None
    saving: float | None
    one_off: float | None
    npv: float | None
    break_even: int | None
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Swing:
    """One bar of the tornado; ``swing`` is the distance of the two net present values."""

    row: int
    low: End
    high: End
    swing: float | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where the net present value is 0, the figures of one row moving together.

    Parameters
    ----------
    row : int
    quantile : float
        Each figure of the row is at this quantile of its range.
    figure : float, optional
        The figure there; ``None`` where the row governs several that differ.
    becomes : {"positive", "negative"}
        What the net present value is above it.
    """

    row: int
    quantile: float
    figure: float | None
    becomes: Literal["positive", "negative"]


@dataclass(frozen=True, slots=True)
class DecisionStays:
    """One stretch of the plan, and the share of the samples solved again in which it is the same."""

    entity: str
    service: str
    from_period: int | None
    until_period: int | None
    provider: str | None
    stays: float


@dataclass(frozen=True, slots=True)
class Reoptimised:
    """Samples that were solved again.

    Parameters
    ----------
    samples : int
        Asked for; the first ones that are valid.
    solved : int
        With a plan that keeps the rules.
    compared : int
        Of them, those in which the plan held keeps the rules too: regret is told of these.
    regret_mean : float, optional
        Discounted cost of the plan held less that of the plan of the sample, over the compared.
    regret : Band
    regret_max : float, optional
    decisions : tuple of DecisionStays
    """

    samples: int
    solved: int
    compared: int
    regret_mean: float | None
    regret: Band
    regret_max: float | None
    decisions: tuple[DecisionStays, ...]


@dataclass(frozen=True, slots=True, repr=False)
class RangeOfPlan:
    """What a plan that is held comes to when the figures behind it are uncertain.

    Parameters
    ----------
    schema : "designate.range/1"
    case_hash, plan, name, currency : str
        The case, the id of the plan's run, the name of the case, the currency.
    over : {"horizon", "year"}
        What money is of: the whole horizon, or of a steady case a year (one-off money and present value aside).
    samples, seed : int
    invalid, broken : int
        Samples that make no valid case, which are left out of all figures; of the others, those in which the plan
        breaks a rule.
    invalid_share, broken_share : float
        Of all samples; of those that are valid.
    broken_rules : mapping of str to float
        Share of the valid samples in which each rule is broken.
    rows : tuple of RangedRow
    running, saving, one_off, npv, break_even : Spread
    cash : tuple of CashBand
    tornado : tuple of Swing
        Largest swing first.
    thresholds : tuple of Crossing
    reoptimised : Reoptimised, optional
    """

    schema: Literal["designate.range/1"]
    case_hash: str
    plan: str
    name: str
    currency: str
    over: Literal["horizon", "year"]
    samples: int
    seed: int
    invalid: int
    broken: int
    invalid_share: float
    broken_share: float
    broken_rules: Mapping[str, float]
    rows: tuple[RangedRow, ...]
    running: Spread
    saving: Spread
    one_off: Spread
    npv: Spread
    break_even: Spread
    cash: tuple[CashBand, ...]
    tornado: tuple[Swing, ...]
    thresholds: tuple[Crossing, ...]
    reoptimised: Reoptimised | None

    def as_dict(self) -> dict[str, Any]:
        """``designate.range/1`` as plain values, made anew at each call."""
        import msgspec

        plain = {f.name: getattr(self, f.name) for f in fields(self)} | {"broken_rules": dict(self.broken_rules)}
        out: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(plain))
        return out

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> RangeOfPlan:
        """The range that a document holds.

        Raises
        ------
        InputError
            ``range_not_readable``: a key is missing or of the wrong kind; the place is told.
        """
        import msgspec

        try:
            found = msgspec.convert(dict(document), cls)
        except ValueError as error:  # msgspec.ValidationError is one
            told, remedy = f"this is no {RANGE_SCHEMA} document: {error}", "give the document as it was written"
            raise InputError([Issue("range_not_readable", "error", told, remedy)]) from error
        object.__setattr__(found, "broken_rules", MappingProxyType(dict(found.broken_rules)))
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return RangeOfPlan.from_document, (self.as_dict(),)

    def __hash__(self) -> int:
        return hash((self.case_hash, self.plan, self.samples, self.seed))

    def row(self, number: int) -> RangedRow:
        """A row by its number."""
        return self.rows[number - 1]

    def frame(self, name: str = "spread") -> pd.DataFrame:
        """One table; nested figures as columns.

        Parameters
        ----------
        name : {"spread", "rows", "cash", "tornado", "thresholds", "decisions"}

        Raises
        ------
        KeyError
            There is no such table.
        """
        import pandas as pd

        if name == "spread":
            return pd.DataFrame([asdict(getattr(self, m)) for m in MEASURES], index=pd.Index(MEASURES, name="measure"))
        if name not in _TABLES:
            raise KeyError(f"a range has no table {name!r}; it has spread, {', '.join(_TABLES)}")
        held: Any = self.reoptimised if name == "decisions" else self
        rows = [dict(cells(row)) for row in getattr(held, name, ())]
        return pd.DataFrame(rows, columns=None if rows else [f.name for f in fields(_TABLES[name])])

    def __repr__(self) -> str:
        return f"<RangeOfPlan {self.name or self.plan}: {'; '.join(f'{k} {v}' for k, v in self._shown())}>"

    def _repr_html_(self) -> str:
        return as_html(f"Range of {self.name or self.plan}", self._shown())

    def _shown(self) -> list[tuple[str, str]]:
        """What a reader looks for first, in words."""
        out = [("samples", f"{self.samples:,}, of them {self.invalid:,} left out")]
        for name, words in (("npv", "net present value"), ("running", "running cost")):
            spread: Spread = getattr(self, name)
            if spread.p10 is not None and spread.p90 is not None:
                out.append((words, f"{self.currency} {spread.p10:,.0f} to {spread.p90:,.0f} (P10 to P90)"))
        return [*out, ("breaks a rule in", f"{self.broken_share:.0%}")]


_TABLES: Final[Mapping[str, Any]] = {
    "rows": RangedRow,
    "cash": CashBand,
    "tornado": Swing,
    "thresholds": Crossing,
    "decisions": DecisionStays,
}
