"""``fair_shares``: what clients pay for a plan, beside what would be fair by three measures."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Final

from optimizer.domain.issues import Issue
from optimizer.domain.options import Options
from optimizer.domain.params import DEFAULT_TIME_LIMIT_S, SolveParams
from optimizer.domain.steady import only_steady
from optimizer.money.price_list import prices_of, problems_of
from optimizer.money.terms import terms_of
from optimizer.shares.alone import NOISE, alone, verdict_of
from optimizer.shares.core import EVERY_GROUP, core_of
from optimizer.shares.costs import Costs
from optimizer.shares.game import Game, groups_of
from optimizer.shares.shapley import PLAYERS, players_of, shapley_of
from optimizer.shares.values import (
    SHARES_SCHEMA,
    ClientShare,
    CoreFound,
    FairShares,
    GroupShare,
    Holding,
    ShapleyFound,
    Value,
)
from optimizer.solvers.accept.solve import Watch
from optimizer.studies.base import Budget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.case import Case
    from optimizer.money.price_list import Priced
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan
    from optimizer.shares.core import Core
    from optimizer.shares.costs import Cost
    from optimizer.shares.game import Group
    from optimizer.shares.shapley import Players, Shapley

__all__ = ["fair_shares", "wrong_options"]

_HOLDING: Final = 100
"""Groups that hold the core and are told."""

_ALONE: Final = 0.5
"""Part of the time for costs alone; what they leave is there for the rest."""
_CORE: Final = 0.7
"""Part of the rest for the core; where every group is priced, nearly all: Shapley values then need little more."""
_LISTED: Final = 0.95


def fair_shares(
    case: Case,
    plan: Plan,
    *,
    kind: str | None = None,
    price_step: float | None = None,
    idle_by: str | None = None,
    max_price_change_rel: float | None = None,
    previous: PriceList | None = None,
    players: str | None = None,
    samples: int | None = None,
    seed: int = 0,
    params: SolveParams | None = None,
    time_limit: float | None = DEFAULT_TIME_LIMIT_S,
    watch: Watch | None = None,
) -> FairShares:
    """What clients pay for a steady plan, beside what they and groups of them would pay by themselves.

    Parameters
    ----------
    case : Case
        Without a horizon; ``alone_mode`` of its policy says what a client by itself may use.
    plan : Plan
        Of this case, verified, every demand served.
    kind, price_step, idle_by, max_price_change_rel, previous
        Of the price list that is compared, as in ``price_list``.
    players : {"entities", "regions", "organisations", "kinds"}, optional
        Whose Shapley values; default entities, where there are at most 12, else the first of the others that gives
        2 to 12 players.
    samples : int, optional
        Draw so many orders of the players instead of counting all; beyond 12 players 20 are drawn unless it is given.
    seed : int, default 0
        Of the draws.
    params : SolveParams, optional
        Backend and limits of one solve.
    time_limit : float or None, default 300.0
        Seconds for all of it; ``None``: no limit. Intervals are as wide as it leaves them.
    watch : Watch, optional

    Returns
    -------
    FairShares

    Raises
    ------
    HorizonNotTaken
        The case has a horizon.
    InputError
        ``plan_of_another_case``, ``plan_not_ok``, and those of ``price_list``.
    OptionsRefused
        A term, the players, the number of samples or the time limit makes no sense; with what is wrong with the plan
        they are told as ``InputError``.
    """
    only_steady(case)
    asked, document = Options(), plan.document()
    asked.found += wrong_options(players, samples, time_limit)
    terms = asked.take(lambda: terms_of(case.policy, kind, price_step, idle_by, max_price_change_rel))
    asked.found += problems_of(case, document, 1, previous)
    if any(a["provider"] is None for a in document["assignments"]):
        told, remedy = "the plan leaves demands unserved", "give a plan that serves all: shares are of the whole work"
        asked.found.append(Issue("plan_not_ok", "error", told, remedy))
    asked.done()
    assert terms is not None  # else it is refused
    game = Game(case)
    who = players_of(game, players)
    priced = prices_of(_without_rates(case), document, terms, previous=previous)
    rows = [(a["entity"], a["service"], a["provider"], a["backup"] or "") for a in document["assignments"]]
    budget = Budget(time_limit)
    costs = Costs(game, rows, params or SolveParams(time_limit_s=None), watch or Watch())
    return _Made(case, game, priced, document["cost"]["total"], costs).made(who, budget, samples, seed)


def wrong_options(players: str | None, samples: int | None, time_limit: float | None) -> list[Issue]:
    """Everything that makes no sense of what ``fair_shares`` is asked, terms apart."""
    asked = Options()
    asked.one_of("players", players, PLAYERS)
    asked.number("samples", samples, 1, 1_000_000, whole=True)
    asked.number("time_limit", time_limit, 0)
    return asked.found


def _without_rates(case: Case) -> Case:
    """The case without the provision for risk and liability, which is no cost of the plan."""
    services = (dataclasses.replace(s, risk_rate=0.0, liability_rate=0.0) for s in case.services)
    return case.having(services=tuple(services))


class _Made:
    """Fair shares in the making."""

    def __init__(self, case: Case, game: Game, priced: Priced, total: float, costs: Costs) -> None:
        self.case, self.game, self.costs, self.prices = case, game, costs, priced.prices
        self.total = total - sum(priced.year.idle.values()) / 100
        self.charged, self.idle = _charged(game.clients, priced)
        self.groups = groups_of(case, game.clients)

    def made(self, who: Players, budget: Budget, samples: int | None, seed: int) -> FairShares:
        """The document."""
        clients = self.game.clients
        singles = [frozenset({c}) for c in clients]
        asked = [*singles, *self.groups.values()]
        first = _part(budget, _ALONE)
        found = dict(zip(asked, alone(self.costs, asked, first), strict=True))
        rest = _part(budget, _LISTED if len(clients) <= EVERY_GROUP else _CORE)
        core = core_of(self.costs, self.total, self.charged, rest, first=asked)
        shapley = shapley_of(self.costs, who, budget, samples=samples, seed=seed)
        together = self.costs.known(frozenset(clients))
        lower, upper = _ends(together)
        return FairShares(
            schema=SHARES_SCHEMA,
            case_hash=self.prices.case_hash,
            plan=self.prices.plan,
            name=self.prices.name,
            currency=self.prices.currency,
            terms=self.prices.terms,
            alone_mode=self.game.mode,
            total=round(self.total, 2),
            charged=round(sum(self.charged.values()), 2),
            together_lower=lower,
            together_upper=upper,
            clients=self._clients(found, core, shapley, who),
            groups=tuple(self._group(key, group, found[group]) for key, group in self.groups.items()),
            core=_core(core, alone_too=len(clients) > 1),
            holding=tuple(self._holding(core)),
            shapley=ShapleyFound(who.by, shapley.method, shapley.orders, seed, shapley.detail),
            values=tuple(self._values(shapley, who)),
            issues=self.prices.issues,
        )

    def _paid(self, group: Group) -> float:
        return round(math.fsum(self.charged[c] for c in group), 2)

    def _clients(
        self, found: Mapping[Group, Cost], core: Core, shapley: Shapley, who: Players
    ) -> tuple[ClientShare, ...]:
        values = {p.name: p for p in shapley.values} if who.by == "entities" else {}
        out = []
        for client in self.game.clients:
            cost, value = found[frozenset({client})], values.get(client)
            lower, upper = _ends(cost)
            out.append(
                ClientShare(
                    entity=client,
                    name=self.case.entity[client].name,
                    charge=round(self.charged[client], 2),
                    idle=round(self.idle[client], 2),
                    alone_lower=lower,
                    alone_upper=upper,
                    alone=verdict_of(self.charged[client], cost),
                    core=None if core.payments is None else round(core.payments[client], 2),
                    shapley_lower=None if value is None else _down(value.lower),
                    shapley=None if value is None else _cents(value.value),
                    shapley_upper=None if value is None else _up(value.upper),
                    standard_error=None if value is None else _cents(value.standard_error),
                )
            )
        return tuple(out)

    def _group(self, key: tuple[str, str], group: Group, cost: Cost) -> GroupShare:
        lower, upper = _ends(cost)
        paid = self._paid(group)
        return GroupShare(key[0], key[1], len(group), paid, lower, upper, verdict_of(paid, cost))

    def _holding(self, core: Core) -> Sequence[Holding]:
        out = []
        for group in core.groups[:_HOLDING]:
            lower, upper = _ends(self.costs.known(group))
            assert core.payments is not None  # without payments no group holds them
            pays = round(math.fsum(core.payments[c] for c in group), 2)
            out.append(Holding(tuple(sorted(group)), self._paid(group), pays, lower, upper))
        return out

    def _values(self, shapley: Shapley, who: Players) -> Sequence[Value]:
        return [
            Value(
                player=p.name,
                clients=len(who.groups[p.name]),
                charge=self._paid(who.groups[p.name]),
                lower=_down(p.lower),
                value=_cents(p.value),
                upper=_up(p.upper),
                standard_error=_cents(p.standard_error),
            )
            for p in shapley.values
        ]


def _charged(clients: Sequence[str], priced: Priced) -> tuple[dict[str, float], dict[str, float]]:
    """What each client pays for services with what stays with it, and what it pays for idle sites; money."""
    paid, idle = dict.fromkeys(clients, 0), dict.fromkeys(clients, 0)
    for charge in priced.prices.charges:
        which = idle if charge.service is None else paid
        which[charge.entity] = which.get(charge.entity, 0) + round(charge.amount * 100)
    for share in priced.year.shares:
        paid[share.entity] += sum(share.memo.values())
    return {c: paid[c] / 100 for c in clients}, {c: idle[c] / 100 for c in clients}


def _core(core: Core, *, alone_too: bool) -> CoreFound:
    lower, upper = core.epsilon.lower, core.epsilon.upper
    if not alone_too or core.unheld or (upper is not None and upper <= NOISE):
        verdict = "not_empty"
    else:
        verdict = "empty" if lower is not None and lower > NOISE else "undecided"
    return CoreFound(
        verdict=verdict,  # type: ignore[arg-type]
        epsilon_lower=_down(lower),
        epsilon_upper=_up(upper),
        indivisibility_lower=_down(core.indivisibility.lower),
        indivisibility_upper=_up(core.indivisibility.upper),
        objection_lower=_down(core.objection.lower),
        objection_upper=_up(core.objection.upper),
        excess_lower=_down(core.excess.lower),
        excess_upper=_up(core.excess.upper),
        groups=core.priced,
        every_group=core.every_group,
    )


def _part(budget: Budget, share: float) -> Budget:
    """A part of the time that is left."""
    left = budget.share(1)
    return Budget(None if left is None else left * share)


def _ends(cost: Cost) -> tuple[float | None, float | None]:
    return _down(cost.lower), _up(cost.upper)


def _cents(value: float | None) -> float | None:
    return None if value is None else round(value, 2) + 0.0


def _down(value: float | None) -> float | None:
    """In cents, never above; what floats lose is nothing."""
    return None if value is None else math.floor(value * 100 + 1e-4) / 100


def _up(value: float | None) -> float | None:
    """In cents, never below."""
    return None if value is None else math.ceil(value * 100 - 1e-4) / 100
