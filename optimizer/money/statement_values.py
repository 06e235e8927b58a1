"""Statements of clients as frozen values; fields named and ordered as in ``designate.statements/1``.

Money is of the year, in the currency of the list; ``None`` means unknown or not applicable, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.money.documents import MoneyDocument
from optimizer.money.terms import Terms
from optimizer.money.values import Account, Charge, Year

__all__ = [
    "STATEMENTS_SCHEMA",
    "Causes",
    "Distance",
    "Memo",
    "PaidBefore",
    "ServiceOnStatement",
    "Statement",
    "Statements",
]

STATEMENTS_SCHEMA: Final = "designate.statements/1"


@dataclass(frozen=True, slots=True)
class PaidBefore:
    """What the client paid for the service before, and to whom (``OWN``: its own cost)."""

    providers: tuple[str, ...]
    price: float
    volume: float
    amount: float


@dataclass(frozen=True, slots=True)
class Causes:
    """Parts of a change that add up to it: more or less volume, another provider, another price at the same one."""

    volume: float
    provider: float
    price: float


@dataclass(frozen=True, slots=True)
class Distance:
    """How far the provider is, and what of the memo that makes; before: at the provider of then, the same work.

    Parameters
    ----------
    km, km_before : float, optional
        Mean by effort.
    cost, cost_before, change : float, optional
        Money in the year; not part of any price.
    """

    km: float | None
    km_before: float | None
    cost: float
    cost_before: float | None
    change: float | None


@dataclass(frozen=True, slots=True)
class ServiceOnStatement:
    """One service on a statement.

    Parameters
    ----------
    service, unit : str
    providers : tuple of str
        Who serves it in the year; ``OWN`` is not charged.
    volume : float
        Units that are charged.
    price : float, optional
        Of a unit; the mean where there are several, ``None`` where nothing is charged.
    amount : float
    providers_before : tuple of str
        Who served it before, whether or not it is known what was paid.
    before : PaidBefore, optional
    change : float, optional
        ``amount`` − what was paid before; ``None`` where that is not known.
    why : Causes, optional
    distance : Distance
    lines : tuple of Charge
        One for each provider.
    """

    service: str
    unit: str
    providers: tuple[str, ...]
    volume: float
    price: float | None
    amount: float
    providers_before: tuple[str, ...]
    before: PaidBefore | None
    change: float | None
    why: Causes | None
    distance: Distance
    lines: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Memo:
    """Cost that stays with the client and is in no price."""

    service: str
    term: str
    amount: float


@dataclass(frozen=True, slots=True)
class Statement:
    """What one client is charged in the year, what it paid before and why that differs.

    Parameters
    ----------
    entity, name : str
    services : tuple of ServiceOnStatement
    idle : tuple of Charge
        Its part of sites that stay open without work.
    memo : tuple of Memo
    amount : float
        Charged in all: Σ services + Σ idle.
    before, change : float, optional
        Over the services of which it is known what was paid before; ``None`` where that is known of none.
    why : Causes, optional
        Of ``change``, idle cost apart.
    idle_change : float, optional
        The part of ``change`` that is idle cost; ``None`` in a first year.
    unknown : tuple of str
        Services charged of which it is not known what was paid before.
    memo_amount : float
    own_cost : float
        What the client causes: its leaves with the provision.
    cross_subsidy : float
        ``amount`` − ``own_cost``: above 0 the client pays for others.
    """

    entity: str
    name: str
    services: tuple[ServiceOnStatement, ...]
    idle: tuple[Charge, ...]
    memo: tuple[Memo, ...]
    amount: float
    before: float | None
    change: float | None
    why: Causes | None
    idle_change: float | None
    unknown: tuple[str, ...]
    memo_amount: float
    own_cost: float
    cross_subsidy: float


@dataclass(frozen=True, slots=True, repr=False)
class Statements(MoneyDocument):
    """Statements of all clients of a year.

    Parameters
    ----------
    schema : "designate.statements/1"
    case_hash, plan, name, currency : str
        As in the price list.
    year : Year
    terms : Terms
    statements : tuple of Statement
        By client.
    providers : tuple of Account
        As in the price list: what all statements add up to.
    issues : tuple of Issue
    """

    SCHEMA: ClassVar = STATEMENTS_SCHEMA
    UNREADABLE: ClassVar = "statements_not_readable"
    CAPTION: ClassVar = "Statements"
    TABLES: ClassVar = ("statements", "providers")

    schema: Literal["designate.statements/1"]
    case_hash: str
    plan: str
    name: str
    currency: str
    year: Year
    terms: Terms
    statements: tuple[Statement, ...]
    providers: tuple[Account, ...]
    issues: tuple[Issue, ...]

    def of(self, entity: str) -> Statement:
        """The statement of a client.

        Raises
        ------
        InputError
            ``no_statement``: there is none of that name.
        """
        found = next((s for s in self.statements if s.entity == entity), None)
        if found is None:
            told = f"no client {entity!r} has a statement in year {self.year.number}"
            remedy = "use the id of an entity that has a demand in that year"
            raise InputError([Issue("no_statement", "error", told, remedy, table="entities", value=entity)])
        return found

    def only(self, entities: tuple[str, ...]) -> Statements:
        """The same with the statements of some clients; what does not exist is told all at once.

        Raises
        ------
        InputError
            ``no_statement`` for each.
        """
        from dataclasses import replace

        missing = list[Issue]()
        for entity in entities:
            try:
                self.of(entity)
            except InputError as error:
                missing += error.issues
        if missing:
            raise InputError(missing)
        return replace(self, statements=tuple(s for s in self.statements if s.entity in entities))

    def _shown(self) -> list[tuple[str, str]]:
        return [
            ("year", f"{self.year.number} from {self.year.begin}"),
            ("clients", f"{len(self.statements):,}"),
            ("charged", f"{self.currency} {sum(s.amount for s in self.statements):,.2f}"),
        ]
