"""The price list of a year: made from a case, its verified plan and what the year before left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.charging import idle_method, service_method
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.options import refuse_all, refused
from optimizer.domain.steady import is_over_time
from optimizer.money.amounts import cents_of, six
from optimizer.money.before import Before, after, first_year
from optimizer.money.full_cost import full_costs
from optimizer.money.leaves import steady_year
from optimizer.money.over_time import YearsOverTime
from optimizer.money.pricing import IdleCharge, PricedLine, ServiceCharge, idle_charges, priced_lines
from optimizer.money.values import PRICES_SCHEMA, Account, Charge, CostParts, Price, PriceList, Year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from optimizer.domain.case import Case
    from optimizer.money.leaves import YearCosts
    from optimizer.money.terms import Terms

__all__ = ["Priced", "prices_of", "problems_of"]

_TOLD: Final = 1000
"""What rounding leaves is warned of above one part in so many of the full cost."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A list with what it was made from.

    Parameters
    ----------
    prices : PriceList
    year : YearCosts
    before : Before
    """

    prices: PriceList
    year: YearCosts
    before: Before


def prices_of(
    case: Case, plan: Mapping[str, Any], terms: Terms, *, year: int = 1, previous: PriceList | None = None
) -> Priced:
    """The price list of a year.

    Parameters
    ----------
    case : Case
    plan : mapping
        Document of a plan of this case, verified.
    terms : Terms
    year : int
        Planning year, from 1; of a steady plan 1.
    previous : PriceList, optional
        The list of the year before, as it was frozen: its prices, what its rounding left, its reserves. Left out,
        the lists of the plan's years before are made first, from today's unit costs on.

    Raises
    ------
    InputError
        ``plan_of_another_case``, ``plan_not_ok``; ``previous_currency``; ``reserve_below_minimum`` for each provider.
    OptionsRefused
        The plan has no such year.
    """
    refuse_all(problems_of(case, plan, year, previous))
    costs = _years(case, plan)
    if previous is not None:
        return _priced(case, plan, terms, costs(year), after(case, previous))
    before = first_year(case)
    for number in range(1, year):
        before = after(case, _priced(case, plan, terms, costs(number), before).prices)
    return _priced(case, plan, terms, costs(year), before)


def problems_of(case: Case, plan: Mapping[str, Any], year: int, previous: PriceList | None) -> list[Issue]:
    """Everything that forbids a list of this year for this case and plan, its terms apart."""
    found = []
    if is_over_time(case) != is_over_time(plan) or plan["run"]["case_hash"] != case.case_hash:
        told, remedy = "the plan answers another case", "give the case that was solved"
        found.append(Issue("plan_of_another_case", "error", told, remedy))
    if plan["cost"] is None or not plan["verification"]["ok"]:
        told, remedy = "the plan is not whole, or its check found something", "give a plan that is verified"
        found.append(Issue("plan_not_ok", "error", told, remedy))
    if previous is not None and previous.currency != case.policy.currency:
        told = f"the list of the year before is in {previous.currency}, the case in {case.policy.currency}"
        found.append(Issue("previous_currency", "error", told, "give a list in the currency of the case"))
    horizon = case.policy.horizon
    last = 1 if horizon is None else horizon.periods[-1].planning_year
    if not 1 <= year <= last:
        what = "a plan without [horizon] has one year" if horizon is None else f"the plan has years 1 to {last}"
        found.append(refused("option_out_of_range", "year", f"there is no year {year}", what))
    return found


def _years(case: Case, plan: Mapping[str, Any]) -> Callable[[int], YearCosts]:
    horizon = case.policy.horizon
    if horizon is None:
        return lambda _: steady_year(case, plan)
    over_time = YearsOverTime(case, plan)
    if over_time.total != cents_of(plan["cost"]["total"]):
        told, remedy = "its figures are not those of the case", "give the plan.json as it was written"
        raise InputError([Issue("plan_not_ok", "error", told, remedy)])
    return over_time.year


def _priced(case: Case, plan: Mapping[str, Any], terms: Terms, costs: YearCosts, before: Before) -> Priced:
    lines = priced_lines(full_costs(costs, before.carried), terms, before)
    idle = idle_charges(costs, lines, terms)
    accounts = tuple(_accounts(case, costs, before, lines, idle))
    _reserves_hold(case, costs, accounts)
    charges = [_charge(c, terms) for line in lines for c in line.charges] + [_idle(i, terms) for i in idle]
    shown = PriceList(
        schema=PRICES_SCHEMA,
        case_hash=case.case_hash,
        plan=plan["run"]["id"],
        name=case.name,
        currency=case.policy.currency,
        year=Year(costs.number, costs.begin.isoformat(), costs.end.isoformat()),
        terms=terms,
        prices=tuple(_price(case, line) for line in lines),
        providers=accounts,
        charges=tuple(sorted(charges, key=lambda c: (c.entity, c.service is None, c.service or "", c.provider))),
        issues=tuple(_coarse(lines, terms)),
    )
    return Priced(shown, costs, before)


def _price(case: Case, line: PricedLine) -> Price:
    full, (provider, service) = line.full, line.full.line
    known = case.service.get(service)
    parts = {term: cents / 100 for term, cents in full.terms.items()}
    return Price(
        provider=provider,
        service=service,
        unit=known.unit if known else "",
        volume=float(full.volume),
        cost=CostParts(**parts, provision=full.provision / 100, carried_in=full.carried_in / 100),
        full_cost=full.total / 100,
        full_unit_cost=float(six(full.total / (full.volume * 100))) if full.volume else None,
        price=None if line.price is None else float(line.price),
        charged=line.charged / 100,
        reserve=line.reserve / 100,
        equalisation=line.equalisation / 100,
        carried_over=line.carried_over / 100,
    )


def _charge(made: ServiceCharge, terms: Terms) -> Charge:
    share = made.share
    return Charge(
        entity=share.entity,
        service=share.service,
        provider=share.provider,
        volume=float(share.volume),
        effort_fte=float(six(share.effort)),
        list_price=float(six(made.list_price)),
        list_amount=made.list_cents / 100,
        price=float(six(made.price)),
        amount=made.cents / 100,
        reserve=made.reserve / 100,
        own_cost=made.own / 100,
        method=service_method(terms.price_list, steady=made.price != made.list_price),
    )


def _idle(made: IdleCharge, terms: Terms) -> Charge:
    money = made.cents / 100
    effort = float(six(made.effort))
    return Charge(
        made.entity, None, made.provider, None, effort, None, money, None, money, 0.0, 0.0, idle_method(terms.idle_by)
    )


def _accounts(
    case: Case, costs: YearCosts, before: Before, lines: Iterable[PricedLine], idle: Iterable[IdleCharge]
) -> Iterator[Account]:
    by_provider: dict[str, list[PricedLine]] = defaultdict(list)
    shared: dict[str, int] = defaultdict(int)
    for line in lines:
        by_provider[line.full.line[0]].append(line)
    for charge in idle:
        shared[charge.provider] += charge.cents
    opened = first_year(case).reserve
    kept = {p for p, cents in before.reserve.items() if cents or cents != opened.get(p)}
    for provider in sorted({*by_provider, *costs.idle, *kept}):
        mine, empty = by_provider[provider], costs.idle.get(provider, 0)
        yield _account(provider, mine, empty, shared[provider], before.reserve.get(provider, 0))


def _account(provider: str, lines: list[PricedLine], idle: int, idle_charged: int, opening: int) -> Account:
    charged, reserve = sum(x.charged for x in lines), sum(x.reserve for x in lines)
    own = sum(sum(x.full.own) for x in lines)
    cents = {
        "full_cost": sum(x.full.total for x in lines),
        "idle": idle,
        "charged": charged,
        "idle_charged": idle_charged,
        "reserve": reserve,
        "equalisation": sum(x.equalisation for x in lines),
        "carried_over": sum(x.carried_over for x in lines),
        "idle_unshared": idle - idle_charged,
        "provision": sum(x.full.provision for x in lines),
        "carried_in": sum(x.full.carried_in for x in lines),
        "own_cost": own,
        "cross_subsidy": charged + idle_charged - own,
        "reserve_opening": opening,
        "reserve_balance": opening - reserve,
    }
    return Account(provider, **{name: amount / 100 for name, amount in cents.items()})


def _reserves_hold(case: Case, costs: YearCosts, accounts: Iterable[Account]) -> None:
    """Refuse a list that takes more out of a reserve than its provider allows; every one is told."""
    found = []
    for account in accounts:
        known = case.provider.get(account.provider)
        least = None if known is None else known.reserve_min
        short = 0 if least is None else cents_of(least) - cents_of(account.reserve_balance)
        if short > 0:
            told = (
                f"in year {costs.number} the reserve of {account.provider} falls to {account.reserve_balance:,.2f}: "
                f"{short / 100:,.2f} below its least, {least:,.2f}"
            )
            remedy = "let prices change more (max_price_change_rel), open with a larger reserve, or lower its least"
            at = account.provider
            found.append(
                Issue("reserve_below_minimum", "error", told, remedy, "providers", column="reserve_min", value=at)
            )
    if found:
        raise InputError(found)


def _coarse(lines: Iterable[PricedLine], terms: Terms) -> Iterator[Issue]:
    """Lines of which rounding leaves too much."""
    for line in lines:
        left, (provider, service) = line.carried_over, line.full.line
        if line.price is None or abs(left) * _TOLD <= abs(line.full.total):
            continue
        told = (
            f"the price of {service} at {provider}, {float(line.price):g}, leaves {left / 100:,.2f} of its full cost "
            f"of {line.full.total / 100:,.2f} to the next year: the step of {terms.price_step:g} is coarse for it"
        )
        remedy, value = "set a finer price_step, a tenth of this one", f"{provider}|{service}"
        yield Issue("price_step_coarse", "warning", told, remedy, "policy", column="price_step", value=value)
