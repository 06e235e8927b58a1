"""How a list is made: which prices, which step, how idle cost is shared, how much a price may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from optimizer.domain.options import Options
from optimizer.domain.policy_parts import IDLE_BY, LIST_KINDS, IdleBy, ListKind

if TYPE_CHECKING:
    from optimizer.domain.policy import Policy

__all__ = ["Terms", "terms_of"]

_MOST: Final = 1e12


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of a price list.

    Parameters
    ----------
    price_list : {"provider", "universal", "own"}
    price_step : float
        Money; prices are whole multiples of it.
    idle_by : {"unshared", "effort", "amount", "equal"}
    max_price_change_rel : float, optional
        Share by which a client's price may change from a year to the next; ``None``: no limit.
    """

    price_list: ListKind
    price_step: float
    idle_by: IdleBy
    max_price_change_rel: float | None


def terms_of(
    policy: Policy,
    kind: str | None = None,
    price_step: float | None = None,
    idle_by: str | None = None,
    max_price_change_rel: float | None = None,
) -> Terms:
    """The policy's terms, or others where they are given.

    Raises
    ------
    OptionsRefused
        One that is given makes no sense; all that do not are told together.
    """
    asked = Options()
    asked.one_of("list", kind, LIST_KINDS)
    asked.one_of("idle_by", idle_by, IDLE_BY)
    asked.number("price_step", price_step, 0.000001, _MOST, decimals=6)
    asked.number("max_price_change_rel", max_price_change_rel, 0.0, _MOST, decimals=6)
    asked.done()
    limit = policy.max_price_change_rel if max_price_change_rel is None else max_price_change_rel
    return Terms(
        kind or policy.price_list,  # type: ignore[arg-type]
        policy.price_step if price_step is None else price_step,
        idle_by or policy.idle_by,  # type: ignore[arg-type]
        limit,
    )
