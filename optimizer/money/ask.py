"""``price_list`` and ``statements``: the money of a plan as a finance officer asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from optimizer.domain.options import Options
from optimizer.money.price_list import prices_of, problems_of
from optimizer.money.statement import statements_of
from optimizer.money.terms import terms_of

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.money.price_list import Priced
    from optimizer.money.statement_values import Statements
    from optimizer.money.values import PriceList
    from optimizer.plan.plan import Plan
    from optimizer.plan.time.plan import PlanOverTime

__all__ = ["price_list", "statements"]


def price_list(
    case: Case,
    plan: Plan | PlanOverTime,
    *,
    year: int = 1,
    kind: str | None = None,
    price_step: float | None = None,
    idle_by: str | None = None,
    max_price_change_rel: float | None = None,
    previous: PriceList | None = None,
) -> PriceList:
    """Prices at full cost for a year, made before it from a plan, and what clients are charged by them.

    Parameters
    ----------
    case : Case
    plan : Plan or PlanOverTime
        Of this case, verified.
    year : int, default 1
        Planning year of a plan over time; of any other plan 1.
    kind : {"provider", "universal", "own"}, optional
        A price for each provider and service, one for each service, or each client its own cost. Left out, this and
        the next three are as the policy says (``price_list``, ``price_step``, ``idle_by``, ``max_price_change_rel``).
    price_step : float, optional
        Money; prices are whole multiples of it.
    idle_by : {"unshared", "effort", "amount", "equal"}, optional
        How the cost of sites that are open without work is shared over clients.
    max_price_change_rel : float, optional
        Share by which a client's price for a service may change from a year to the next.
    previous : PriceList, optional
        The list of the year before, as it was frozen. Left out, lists of earlier planning years are made first.

    Returns
    -------
    PriceList
        To the cent by provider: full cost + idle cost = charges + reserve + equalisation + carried over + unshared.

    Raises
    ------
    InputError
        ``plan_of_another_case``, ``plan_not_ok``, ``previous_currency``; ``reserve_below_minimum`` for each provider
        whose reserve would fall below its least.
    OptionsRefused
        There is no such year, or terms make no sense. What is wrong with the plan is told with them (``InputError``).
    """
    return _priced(case, plan, year, kind, price_step, idle_by, max_price_change_rel, previous).prices


def statements(
    case: Case,
    plan: Plan | PlanOverTime,
    *,
    year: int = 1,
    kind: str | None = None,
    price_step: float | None = None,
    idle_by: str | None = None,
    max_price_change_rel: float | None = None,
    previous: PriceList | None = None,
) -> Statements:
    """What each client is charged in a year, what it paid before, why that changes, and what stays with it.

    Parameters, and errors, as in ``price_list``.

    Returns
    -------
    Statements
        They add up to the charges of the price list, by provider and by service.
    """
    return statements_of(case, _priced(case, plan, year, kind, price_step, idle_by, max_price_change_rel, previous))


def _priced(
    case: Case,
    plan: Plan | PlanOverTime,
    year: int,
    kind: str | None,
    price_step: float | None,
    idle_by: str | None,
    max_price_change_rel: float | None,
    previous: PriceList | None,
) -> Priced:
    asked = Options()
    terms = asked.take(lambda: terms_of(case.policy, kind, price_step, idle_by, max_price_change_rel))
    document = plan.document()
    asked.found += problems_of(case, document, year, previous)
    asked.done()
    assert terms is not None  # else it is refused
    return prices_of(case, document, terms, year=year, previous=previous)
