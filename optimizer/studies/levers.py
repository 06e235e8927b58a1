"""What a flip may change: by how much, on which case, and how much of it a plan needs. Amounts in whole millionths."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.types import MICRO, exact
from optimizer.model.moves.single_moves import Counts

if TYPE_CHECKING:
    from optimizer.model.parts import Choice
    from optimizer.model.problem import Problem
    from optimizer.session import Session

__all__ = ["CHANGES", "Lever", "lever_of"]

CHANGES: Final = ("unit_cost", "line_capacity", "site_capacity", "minimum_volume", "refusal", "lock")
"""What can be asked about, one at a time."""


@dataclass(frozen=True, eq=False)
class Lever:
    """A figure that is raised or lowered.

    Parameters
    ----------
    unit : str
    today : float or None
        The figure as it is; ``None``: unlimited.
    sign : int
        1 where it is raised, −1 where it is lowered.
    most : int or None
        Millionths that it can change by; ``None``: any amount, which is as good as no limit.
    at : callable
        The case after a change of so many millionths; ``None``: without any limit.
    need : callable
        Millionths of change that a plan needs.
    """

    unit: str
    today: float | None
    sign: int
    most: int | None
    at: Callable[[int | None], Session]
    need: Callable[[Problem, Choice], int]

    def value(self, change: int) -> float | None:
        """The figure after a change of so many millionths."""
        return None if self.today is None else round(self.today + self.sign * change / MICRO, 6)


def lever_of(session: Session, change: str, provider: str, service: str) -> Lever:
    """The lever of a provider: its line's capacity, its site's, or the line's minimum volume."""
    return {"line_capacity": _line, "site_capacity": _site, "minimum_volume": _minimum}[change](
        session, provider, service
    )


def _line(session: Session, provider: str, service: str) -> Lever:
    offer = session.case.offer[provider, service]
    today = offer.capacity

    def at(change: int | None) -> Session:
        if today is None:
            return session
        cell = None if change is None else _cell(today, change)
        return session.vary(offers={"change": [{"provider": provider, "service": service, "capacity": cell}]})

    def need(problem: Problem, choice: Choice) -> int:
        line = _index(problem, provider, service)
        counts = Counts.of(problem, choice)
        load = (int(counts.volume[line]) + int(counts.fallback.lines.worst[line])) * problem.exact.line.unit
        return _over(load + exact(offer.base_volume) - exact(today or 0.0))

    return Lever(session.case.service[service].unit or "units", today, 1, 0 if today is None else None, at, need)


def _site(session: Session, provider: str, service: str) -> Lever:  # noqa: ARG001 (every lever is asked alike)
    site = session.case.provider[provider]
    today = site.capacity_fte

    def at(change: int | None) -> Session:
        if today is None:
            return session
        cell = None if change is None else _cell(today, change)
        return session.vary(providers={"change": [{"id": provider, "capacity_fte": cell}]})

    def need(problem: Problem, choice: Choice) -> int:
        p = problem.provider_index[provider]
        counts = Counts.of(problem, choice)
        load = (int(counts.minutes[p]) + int(counts.fallback.sites.worst[p])) * problem.exact.site.unit
        year = exact(session.case.policy.minutes_per_fte_year)
        return _over(load / year + exact(site.base_fte or 0.0) - exact(today or 0.0))

    return Lever("FTE", today, 1, 0 if today is None else None, at, need)


def _minimum(session: Session, provider: str, service: str) -> Lever:
    offer = session.case.offer[provider, service]

    def at(change: int | None) -> Session:
        lowered = _micro(offer.min_volume) if change is None else change
        cell = _cell(offer.min_volume, -lowered)
        return session.vary(offers={"change": [{"provider": provider, "service": service, "min_volume": cell}]})

    def need(problem: Problem, choice: Choice) -> int:
        load = int(Counts.of(problem, choice).volume[_index(problem, provider, service)]) * problem.exact.line.unit
        return _over(exact(offer.min_volume) - load)

    unit = session.case.service[service].unit or "units"
    return Lever(unit, offer.min_volume, -1, _micro(offer.min_volume), at, need)


def _index(problem: Problem, provider: str, service: str) -> int:
    return int(problem.lines.index[problem.provider_index[provider], problem.service_ids.index(service)])


def _over(amount: Fraction) -> int:
    """Whole millionths that cover an amount; 0 where nothing is lacking."""
    return max(0, math.ceil(amount * MICRO))


def _micro(value: float) -> int:
    return round(exact(value) * MICRO)


def _cell(today: float, change: int) -> float:
    return float(Fraction(_micro(today) + change, MICRO))
