"""What a ``safe`` says in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.search import CLOSED
from optimizer.studies.words import money, of_plan, say, share, up_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from optimizer.domain.answer import Sentence

__all__ = ["Known", "sentences"]


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out beside the state of each assignment.

    Parameters
    ----------
    limit : float
        How much more than the plan in hand a plan may cost, money a year.
    gap : float, optional
        How much less than the plan in hand a plan may cost at most, money a year; ``None``: not known.
    by_bound : int, optional
        Assignments that bounds alone prove; ``None``: no bounds were asked for.
    searched : int
        Assignments of which plans without them were searched for.
    cut : bool
        The time was over before the first of these.
    saving : float
        What the cheapest plan in hand costs less than that of the question, money a year.
    shown : int
        Plans that are given.
    """

    limit: float
    gap: float | None
    by_bound: int | None
    searched: int
    cut: bool
    saving: float
    shown: int


def sentences(rows: Sequence[Mapping[str, Any]], known: Known, currency: str) -> Iterator[Sentence]:
    """Every sentence of the answer.

    Parameters
    ----------
    rows : sequence of mapping
        The table ``assignments``: ``state`` and ``effort_fte``.
    known : Known
    currency : str
    """
    yield from _states(rows, money(known.limit, currency))
    if known.by_bound is not None:
        template = _BY_BOUND if known.searched else _BY_BOUND_ALONE if known.cut else "Bounds alone prove {n}."
        yield say(template, n=known.by_bound, **({"k": known.searched} if known.searched else {}))
    if known.gap is not None and known.gap > CLOSED and not any(r["state"] == "proven" for r in rows):
        yield say(_WIDE, gap=up_to(known.gap, known.gap, currency))
    if known.gap is not None and -known.gap > known.limit:
        return
    if known.saving > CLOSED:
        saving = of_plan(known.saving, math.inf, currency)
        yield say("A plan was found that costs {saving} a year less than the plan in hand.", saving=saving)
    if known.shown == 1:
        yield say("One of the other plans within the limit is given.")
    elif known.shown:
        yield say("{n} of the plans within the limit are given, those that differ most in effort.", n=known.shown)
    else:
        yield say("No other whole plan within the limit is given.")


def _states(rows: Sequence[Mapping[str, Any]], limit: Mapping[str, Any]) -> Iterator[Sentence]:
    """How many are proven, believed and open, and their part of the effort."""
    whole = sum(r["effort_fte"] for r in rows)
    for state, (one, many) in _SAID.items():
        mine = [r["effort_fte"] for r in rows if r["state"] == state]
        part = share(round(sum(mine) / whole, 3) if whole else 0.0)
        if mine:
            values = {"of": len(rows), "fte": round(sum(mine), 1), "part": part, "limit": limit}
            yield say(one if len(mine) == 1 else many, n=len(mine), **values)
        elif state == "proven":
            yield say(_NONE, of=len(rows), limit=limit)


_SAID: Final = {
    "proven": (
        "Proven: {n} of {of} assignments ({fte} FTE, {part} of the effort) is in every plan that costs at most {limit}"
        " a year more than the plan in hand.",
        "Proven: {n} of {of} assignments ({fte} FTE, {part} of the effort) are in every plan that costs at most {limit}"
        " a year more than the plan in hand.",
    ),
    "believed": (
        "Believed: for {n} ({fte} FTE, {part}) no such plan without it was found, but that is no proof.",
        "Believed: for {n} ({fte} FTE, {part}) no such plan without them was found, but that is no proof.",
    ),
    "open": (
        "Open: {n} ({fte} FTE, {part}) can be elsewhere within that cost.",
        "Open: {n} ({fte} FTE, {part}) can be elsewhere within that cost.",
    ),
}
"""By state, of one assignment and of several."""
_WIDE: Final = (
    "Nothing can be proven safe while a plan cheaper by up to {gap} a year is not ruled out: solve the plan for longer."
)
"""The gap of the plan is wider than what counts as equal."""
_NONE: Final = (
    "Of {of} assignments none is proven to be in every plan that costs at most {limit} a year more than the plan in"
    " hand."
)
_BY_BOUND_ALONE: Final = (
    "Bounds alone prove {n}; the time was over before any of the others was searched for, give more time."
)
_BY_BOUND: Final = (
    "Bounds alone prove {n}. Plans without the others were searched for in {k} cases, those nearest to a proof first;"
    " for the rest only plans in hand and single moves were looked at."
)
