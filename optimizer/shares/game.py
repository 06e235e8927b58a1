"""The game behind fair shares: the case of any group of its clients, without rules that only bind all together."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from optimizer.verify.calendar import OverlapCalendar
from optimizer.verify.checker import Evaluator
from optimizer.verify.facts import Facts
from optimizer.verify.geography import Geography

if TYPE_CHECKING:
    from collections.abc import Mapping

    from optimizer.domain.case import Case
    from optimizer.domain.policy_parts import AloneMode
    from optimizer.domain.types import Decision

__all__ = ["KINDS", "Game", "Group", "groups_of"]

Group = frozenset[str]
"""Ids of entities."""

KINDS: Final = ("region", "organisation", "kind")
"""What groups of clients are made by."""

_REGIONS: Final = frozenset({"Africa", "Americas", "Asia", "Europe", "Oceania"})
"""Regions of M49, of which each country is in one."""


class _Sharing(Evaluator):
    """A verifier on facts that are prepared."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts


class Game:
    """A case as a game in which its clients may stand together or apart.

    A group's cost is the least total of the case with the entities of the group only: own tiers, own fixed costs, own
    set-ups. A required site counts as open; ``backup``, ``minimum_volume``, ``site_count``, ``zones``,
    ``agency_share``, ``max_moves`` and ``one_off_budget`` are off. All demands are served, whatever
    ``allow_unserved`` says.

    Parameters
    ----------
    case : Case
        Without a horizon.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        policy = replace(
            case.policy,
            backup=False,
            site_count=None,
            zones=False,
            agency_share_max=None,
            max_moves=None,
            one_off_budget=None,
            allow_unserved=False,
        )
        providers = tuple(
            replace(p, status="open" if p.status == "required" else p.status, min_fte=0.0) for p in case.providers
        )
        self._all = case.having(
            policy=policy, providers=providers, offers=tuple(replace(o, min_volume=0.0) for o in case.offers)
        )

        self._geography = Geography(case.countries)
        self._calendar = OverlapCalendar(case.policy.calendar_year)

    @cached_property
    def clients(self) -> tuple[str, ...]:
        """Entities that have a demand, by id."""
        return tuple(sorted({d.entity for d in self.case.demands}))

    @property
    def mode(self) -> AloneMode:
        """What a client by itself may use."""
        return self.case.policy.alone_mode

    def judge(self, case: Case) -> Evaluator:
        """The verifier of the case of a group; what it measures between places is measured once for all groups."""
        return _Sharing(Facts(case, self._geography, self._calendar))

    def of(self, group: Group) -> Case:
        """The case of a group: rows of its entities only, everything else as it is."""
        whole = self._all
        return whole.having(
            entities=tuple(e for e in whole.entities if e.id in group),
            demands=tuple(d for d in whole.demands if d.entity in group),
            current=tuple(c for c in whole.current if c.entity in group),
            decisions=tuple(d for d in whole.decisions if _speaks_of(d, group)),
        )


def _speaks_of(decision: Decision, group: Group) -> bool:
    """It names an entity of the group, a kind, or all."""
    return decision.entity in group or decision.entity == "*" or decision.entity.startswith("kind:")


def groups_of(case: Case, clients: tuple[str, ...]) -> Mapping[tuple[str, str], Group]:
    """Clients by region, by organisation and by kind: (what, name) → ids; a client without a name of a sort is in none.

    Parameters
    ----------
    case : Case
    clients : tuple of str
    """
    found: dict[tuple[str, str], set[str]] = {}
    for client in clients:
        entity = case.entity[client]
        country = case.countries.get(entity.place.country)
        region = "" if country is None else next(iter(sorted(_REGIONS & country.regions)), "")
        for kind, name in zip(KINDS, (region, entity.organisation, entity.kind), strict=True):
            if name:
                found.setdefault((kind, name), set()).add(client)
    order = {kind: i for i, kind in enumerate(KINDS)}
    return {key: frozenset(found[key]) for key in sorted(found, key=lambda k: (order[k[0]], k[1]))}
