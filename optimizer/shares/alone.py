"""Whether a client, or a group of clients, would pay less by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from optimizer.shares.costs import Cost, Costs
    from optimizer.shares.game import Group
    from optimizer.studies.base import Budget

__all__ = ["ALONE_GAP", "NOISE", "Verdict", "alone", "verdict_of"]

ALONE_GAP: Final = 0.005
"""Both ends of a cost alone are at most this share apart, where time allows."""
NOISE: Final = 0.1
"""Money a year: what rounding to cents, term by term, may make of sums that are equal."""

Verdict = Literal["better_off", "not_better_off", "undecided", "cannot", "not_answered"]


def verdict_of(charge: float, cost: Cost) -> Verdict:
    """Whether who pays ``charge`` now would be better off by itself; undecided inside the interval.

    Parameters
    ----------
    charge : float
        Money a year.
    cost : Cost
        By itself.
    """
    if cost.status == "impossible":
        return "cannot"
    if charge > cost.most + NOISE:
        return "better_off"
    if charge <= cost.least + NOISE:
        return "not_better_off"
    return "not_answered" if cost.upper is None else "undecided"


def alone(costs: Costs, groups: Sequence[Group], budget: Budget) -> Iterator[Cost]:
    """The cost of each group by itself, to ``ALONE_GAP``; as ``alone_mode`` of the policy says, with own capacity only.

    Parameters
    ----------
    costs : Costs
    groups : sequence of frozenset of str
    budget : Budget
        Shared out over what is left.
    """
    for i, group in enumerate(groups):
        if costs.game.mode == "own":
            yield costs.own(group)
        else:
            yield costs.of(group, gap_rel=ALONE_GAP, seconds=budget.share(len(groups) - i))
