"""A price list as frozen values; fields named and ordered as in ``designate.prices/1``.

Money is of the year of the list, in its currency; ``None`` means that there is none, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from optimizer.domain.issues import Issue
from optimizer.money.documents import MoneyDocument
from optimizer.money.terms import Terms

__all__ = ["PRICES_SCHEMA", "Account", "Charge", "CostParts", "Price", "PriceList", "Year"]

PRICES_SCHEMA: Final = "designate.prices/1"


@dataclass(frozen=True, slots=True)
class Year:
    """The year of a list: its number (a planning year over time, else 1), first day, first day after it."""

    number: int
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class CostParts:
    """Full cost by part: terms of the plan, the provision for risk and liability, what was left before.

    ``setup`` is a year's annuity of what opening the site cost.
    """

    service: float
    site: float
    dispersion: float
    npo_compliance: float
    setup: float
    provision: float
    carried_in: float


@dataclass(frozen=True, slots=True)
class Price:
    """One provider's service: what it costs in full, and what comes back.

    Parameters
    ----------
    provider, service, unit : str
    volume : float
        Units served in the year.
    cost : CostParts
    full_cost : float
    full_unit_cost : float, optional
        Full cost of a unit; ``None`` without volume.
    price : float, optional
        List price of a unit; ``None`` without volume, and where each client pays its own cost.
    charged : float
        What clients pay for it.
    reserve : float
        What the provider's reserve gives (below 0: takes), so that prices are steady.
    equalisation : float
        What other providers of the service give (below 0: get) under one price for all.
    carried_over : float
        What rounding leaves (below 0: brought too much); it goes into the full cost of the next year.
    """

    provider: str
    service: str
    unit: str
    volume: float
    cost: CostParts
    full_cost: float
    full_unit_cost: float | None
    price: float | None
    charged: float
    reserve: float
    equalisation: float
    carried_over: float


@dataclass(frozen=True, slots=True)
class Account:
    """One provider: full cost and idle cost on one side, who pays for them on the other, equal to the cent.

    ``full_cost + idle = charged + idle_charged + reserve + equalisation + carried_over + idle_unshared``.

    Parameters
    ----------
    provider : str
    full_cost, idle : float
        Of its services; of its site while it was open without work.
    charged, idle_charged : float
        What clients pay for its services, and of its idle cost.
    reserve, equalisation, carried_over, idle_unshared : float
    provision, carried_in : float
        Parts of ``full_cost``.
    own_cost : float
        Full cost by the clients that cause it: without ``carried_in``.
    cross_subsidy : float
        What clients pay above what they cause.
    reserve_opening, reserve_balance : float
        Of the provider's reserve, before and after the year.
    """

    provider: str
    full_cost: float
    idle: float
    charged: float
    idle_charged: float
    reserve: float
    equalisation: float
    carried_over: float
    idle_unshared: float
    provision: float
    carried_in: float
    own_cost: float
    cross_subsidy: float
    reserve_opening: float
    reserve_balance: float


@dataclass(frozen=True, slots=True)
class Charge:
    """What one client is charged by one provider: for a service, or for idle cost (``service`` ``None``).

    Parameters
    ----------
    entity : str
    service : str, optional
    provider : str
    volume : float, optional
        Units.
    effort_fte : float
        Of whole years.
    list_price, list_amount : float, optional
        Before steady prices.
    price : float, optional
        What a unit costs this client.
    amount : float
    reserve : float
        ``list_amount`` − ``amount``: what the provider's reserve gives.
    own_cost : float
        What the client causes: its leaves with the provision.
    method : str
        How the amount was found, see ``METHODS`` of ``optimizer/domain/charging.py``.
    """

    entity: str
    service: str | None
    provider: str
    volume: float | None
    effort_fte: float
    list_price: float | None
    list_amount: float
    price: float | None
    amount: float
    reserve: float
    own_cost: float
    method: str


@dataclass(frozen=True, slots=True, repr=False)
class PriceList(MoneyDocument):
    """Prices of a year, made before it from a plan and its volumes; what clients are charged by them.

    Parameters
    ----------
    schema : "designate.prices/1"
    case_hash, plan, name, currency : str
        The case, the id of the plan's run, the name of the case, the currency.
    year : Year
    terms : Terms
    prices : tuple of Price
    providers : tuple of Account
    charges : tuple of Charge
    issues : tuple of Issue
    """

    SCHEMA: ClassVar = PRICES_SCHEMA
    UNREADABLE: ClassVar = "prices_not_readable"
    CAPTION: ClassVar = "Price list"
    TABLES: ClassVar = ("prices", "providers", "charges")

    schema: Literal["designate.prices/1"]
    case_hash: str
    plan: str
    name: str
    currency: str
    year: Year
    terms: Terms
    prices: tuple[Price, ...]
    providers: tuple[Account, ...]
    charges: tuple[Charge, ...]
    issues: tuple[Issue, ...]

    def _shown(self) -> list[tuple[str, str]]:
        charged = sum(p.charged + p.idle_charged for p in self.providers)
        return [
            ("year", f"{self.year.number} from {self.year.begin}"),
            ("list", self.terms.price_list),
            ("prices", f"{len(self.prices):,}"),
            ("charged", f"{self.currency} {charged:,.2f}"),
        ]
