"""A curve of least cost over a limit in sentences, and where it bends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.unanswered import reason
from optimizer.studies.words import between, money, phrase, say, share, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.answer import Point, Sentence

__all__ = ["SHARES", "knee", "sentences"]

_LIMITS: Final[dict[str, str]] = {
    "sites": "Open Secretariat sites at most {limit}",
    "moves": "Moves at most {limit}",
    "budget": "One-off cost at most {limit}",
    "agency_share": "Share of agencies in the effort at most {limit}",
    "providers": "Providers of an entity at most {limit}",
    "smallest_move": "No move below {limit} FTE",
    "mean_overlap": "Mean overlap at least {limit} hours a day",
    "mean_distance": "Mean distance at most {limit} km",
    "worse_off": "Entities worse off at most {limit}",
    "exposure": "Effort at places of hardship class D or E at most {limit} FTE",
    "site_share": "Share of one site in the effort at most {limit}",
}
_EXACTLY: Final = "Open Secretariat sites exactly {limit}"

_TEMPLATES: Final[dict[str, str]] = {
    "impossible": "{limit}: no plan keeps every rule (proven).",
    "not answered": "{limit}: not answered ({why}).",
    "not answered, bounded": "{limit}: not answered ({why}); any plan costs {cost}.",
    "known": "{limit}: the least cost a year is {cost}.",
    "known, unserved": "{limit}: the least cost a year is {cost}, with {left}.",
    "held": "{limit}: a plan costs {plan} a year, how near to the least is not known.",
    "held, unserved": "{limit}: a plan costs {plan} a year with {left}, how near to the least is not known.",
}
_OVER_TIME: Final[dict[str, str]] = _TEMPLATES | {
    "known": "{limit}: the least cost over the horizon, discounted, is {cost}.",
    "known, unserved": "{limit}: the least cost over the horizon, discounted, is {cost}, with {left}.",
    "held": "{limit}: a plan costs {plan} over the horizon, discounted, how near to the least is not known.",
    "held, unserved": (
        "{limit}: a plan costs {plan} over the horizon, discounted, with {left}, how near to the least is not known."
    ),
}
SHARES: Final = ("agency_share", "site_share")


def sentences(
    over: str,
    exactly: bool,
    points: Sequence[Point],
    rows: Sequence[Mapping[str, Any]],
    currency: str,
    *,
    over_time: bool = False,
) -> list[Sentence]:
    """What the points say, one after the other, and where the curve bends.

    Parameters
    ----------
    over : str
        The limit.
    exactly : bool
        It is met, not kept.
    points : sequence of Point
    rows : sequence of mapping
        The same as rows of the table.
    currency : str
    over_time : bool, default False
        Of a case with a horizon: costs are of the whole of it, discounted.
    """
    out = []
    templates = _OVER_TIME if over_time else _TEMPLATES
    for point, row in zip(points, rows, strict=True):
        limit = _EXACTLY if exactly else _LIMITS[over]
        values = {
            "limit": phrase(limit, limit=_shown(over, point.at[over], currency)),
            "cost": between(point.lower, point.upper, currency),
            "plan": between(point.upper, point.upper, currency),
            "left": some(row["unserved"] or 0, "{n} demand left unserved", "{n} demands left unserved"),
            "why": reason(point.detail),
        }
        out.append(say(templates[_known(point, row)], **values))
    if not exactly and not any(row["unserved"] for row in rows):
        found = knee([p.at[over] for p in points], [p.lower for p in points], [p.upper for p in points])
        if found is not None:
            bend = phrase(_LIMITS[over], limit=_shown(over, found, currency))
            out.append(say("The curve bends most here: {limit}.", limit=bend))
    return out


def _known(point: Point, row: Mapping[str, Any]) -> str:
    """Which of the templates fits a point."""
    if point.status == "impossible":
        return "impossible"
    if point.status == "not_answered":
        return "not answered" if point.lower is None else "not answered, bounded"
    held = "held" if point.lower is None else "known"
    return f"{held}, unserved" if row["unserved"] else held


def _shown(over: str, value: float, currency: str) -> Any:
    return share(value) if over in SHARES else money(value, currency) if over == "budget" else value


def knee(at: Sequence[float], lower: Sequence[float | None], upper: Sequence[float | None]) -> float | None:
    """Where a curve bends most: farthest from its chord, axes scaled to [0, 1]; ``None`` unless both ends agree."""
    ends = [[v for v in end if v is not None] for end in (lower, upper)]
    if any(len(end) < len(at) for end in ends):
        return None
    places = {_farthest(at, end) for end in ends}
    place = places.pop()
    return None if places or place is None else at[place]


def _farthest(at: Sequence[float], cost: Sequence[float]) -> int | None:
    if len(at) < 3 or at[-1] == at[0] or max(cost) == min(cost):
        return None
    wide, high = at[-1] - at[0], max(cost) - min(cost)
    first, last = cost[0] / high, cost[-1] / high
    below = [first + (last - first) * (x - at[0]) / wide - c / high for x, c in zip(at, cost, strict=True)]
    best = max(below)
    return below.index(best) if best > 1e-9 else None
