"""Fair shares as frozen values; fields named and ordered as in ``designate.shares/1``.

Money is a year, in the currency of the case; ``None`` means that nothing is known, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.money.documents import MoneyDocument
from optimizer.money.terms import Terms
from optimizer.shares.alone import Verdict

__all__ = ["SHARES_SCHEMA", "ClientShare", "CoreFound", "FairShares", "GroupShare", "Holding", "ShapleyFound", "Value"]

SHARES_SCHEMA: Final = "designate.shares/1"


@dataclass(frozen=True, slots=True)
class ClientShare:
    """One client: what it pays, and what would be fair by three measures.

    Parameters
    ----------
    entity, name : str
    charge : float
        x: charges for services without the provision for risk and liability, plus the terms that stay with it.
    idle : float
        Charged for sites without work, beside ``charge``.
    alone_lower, alone_upper : float, optional
        Its cost by itself.
    alone : {"better_off", "not_better_off", "undecided", "cannot", "not_answered"}
        Whether it would pay less by itself.
    core : float, optional
        Its part where the core is missed by least, nearest to what is charged.
    shapley_lower, shapley, shapley_upper, standard_error : float, optional
        Its Shapley value, where clients play one by one.
    """

    entity: str
    name: str
    charge: float
    idle: float
    alone_lower: float | None
    alone_upper: float | None
    alone: Verdict
    core: float | None
    shapley_lower: float | None
    shapley: float | None
    shapley_upper: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class GroupShare:
    """Clients of one region, organisation or kind.

    Parameters
    ----------
    by : {"region", "organisation", "kind"}
    name : str
    clients : int
    charge, alone_lower, alone_upper, alone
        As of a client, of all of them together.
    """

    by: str
    name: str
    clients: int
    charge: float
    alone_lower: float | None
    alone_upper: float | None
    alone: Verdict


@dataclass(frozen=True, slots=True)
class CoreFound:
    """Whether clients can pay so that no group of them would be better off by itself.

    Parameters
    ----------
    verdict : {"not_empty", "empty", "undecided"}
    epsilon_lower, epsilon_upper : float, optional
        Least amount by which some group pays above its own cost, however the total is shared; 0 or less: the core is
        not empty.
    indivisibility_lower, indivisibility_upper : float, optional
        What is left of the total where no group, nor all together, pays above its own cost.
    objection_lower, objection_upper : float, optional
        The most that a group is charged above its own cost now.
    excess_lower, excess_upper : float, optional
        The same under the payments ``core`` of the clients.
    groups : int
        Groups of which a plan is held.
    every_group : bool
        All groups were looked at; else the ends come from a program over all of them.
    """

    verdict: Literal["not_empty", "empty", "undecided"]
    epsilon_lower: float | None
    epsilon_upper: float | None
    indivisibility_lower: float | None
    indivisibility_upper: float | None
    objection_lower: float | None
    objection_upper: float | None
    excess_lower: float | None
    excess_upper: float | None
    groups: int
    every_group: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """A group that holds the core: under the payments ``core`` it pays as much above its own cost as any.

    Parameters
    ----------
    clients : tuple of str
    charge, core : float
        What they are charged now; what they pay under ``core``.
    lower, upper : float, optional
        Their cost by themselves.
    """

    clients: tuple[str, ...]
    charge: float
    core: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Value:
    """Shapley value of a player: clients that come in together.

    Parameters
    ----------
    player : str
    clients : int
    charge : float
    lower, value, upper : float, optional
    standard_error : float, optional
        Where orders were drawn.
    """

    player: str
    clients: int
    charge: float
    lower: float | None
    value: float | None
    upper: float | None
    standard_error: float | None


@dataclass(frozen=True, slots=True)
class ShapleyFound:
    """How Shapley values were found.

    Parameters
    ----------
    by : {"entities", "regions", "organisations", "kinds"}
        Who plays.
    method : {"exact", "sampled", "not_answered"}
    orders, seed : int
        Orders drawn, and from which seed; 0 orders where all count.
    detail : str
        Why there are no values.
    """

    by: str
    method: Literal["exact", "sampled", "not_answered"]
    orders: int
    seed: int
    detail: str


@dataclass(frozen=True, slots=True, repr=False)
class FairShares(MoneyDocument):
    """What clients pay beside what they, and groups of them, would pay by themselves.

    Parameters
    ----------
    schema : "designate.shares/1"
    case_hash, plan, name, currency : str
        As in the price list.
    terms : Terms
        Of the price list that is compared.
    alone_mode : {"offers", "own"}
        What a client by itself may use.
    total : float
        C: total cost of the plan without idle sites.
    charged : float
        Σ charges of the clients; differs from ``total`` by what rounding, reserves and carried-over amounts leave.
    together_lower, together_upper : float, optional
        Least cost of all clients together, without the rules that bind only all together.
    clients : tuple of ClientShare
    groups : tuple of GroupShare
    core : CoreFound
    holding : tuple of Holding
    shapley : ShapleyFound
    values : tuple of Value
    issues : tuple of Issue
    """

    SCHEMA: ClassVar = SHARES_SCHEMA
    UNREADABLE: ClassVar = "shares_not_readable"
    CAPTION: ClassVar = "Fair shares"
    TABLES: ClassVar = ("clients", "groups", "holding", "values")

    schema: Literal["designate.shares/1"]
    case_hash: str
    plan: str
    name: str
    currency: str
    terms: Terms
    alone_mode: Literal["offers", "own"]
    total: float
    charged: float
    together_lower: float | None
    together_upper: float | None
    clients: tuple[ClientShare, ...]
    groups: tuple[GroupShare, ...]
    core: CoreFound
    holding: tuple[Holding, ...]
    shapley: ShapleyFound
    values: tuple[Value, ...]
    issues: tuple[Issue, ...]

    def _shown(self) -> list[tuple[str, str]]:
        better = sum(c.alone == "better_off" for c in self.clients)
        open_ = sum(c.alone in ("undecided", "not_answered") for c in self.clients)
        return [
            ("clients", f"{len(self.clients):,}"),
            ("better off alone", f"{better:,}" + (f", undecided {open_:,}" if open_ else "")),
            ("core", self.core.verdict.replace("_", " ")),
            ("Shapley values", self.shapley.method.replace("_", " ")),
        ]
