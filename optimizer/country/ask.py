"""``bos``: a country case solved, and what a country team asks of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.country.tables import TablesOfCountry
from optimizer.country.values import BOS_SCHEMA, CountryAnswer
from optimizer.domain.errors import InputError
from optimizer.domain.issues import Issue
from optimizer.domain.options import refuse_all
from optimizer.domain.params import SolveParams
from optimizer.pipeline import solve_any
from optimizer.plan.time.plan import PlanOverTime

if TYPE_CHECKING:
    from optimizer.domain.case import Case
    from optimizer.solvers.accept.solve import Watch

__all__ = ["answer_of", "bos", "require_country"]


def bos(
    case: Case, plan: PlanOverTime | None = None, *, params: SolveParams | None = None, watch: Watch | None = None
) -> CountryAnswer:
    """Net benefit by year and office, cost of setting up, and who serves best in one country.

    Parameters
    ----------
    case : Case
        Of one country, with a horizon in years: its offices are entities and, where they may serve others, providers.
    plan : PlanOverTime, optional
        Of this case; left out, the case is solved.
    params : SolveParams, optional
        Of the solve.
    watch : Watch, optional
        Progress and cancellation.

    Returns
    -------
    CountryAnswer
        Without a plan its tables are empty and its amounts ``None``.

    Raises
    ------
    InputError
        ``country_not_in_years``, ``country_not_one``, ``plan_of_another_case``, ``plan_not_ok``.
    BackendError
        No backend could do the work.
    """
    require_country(case)
    if plan is None:
        found = solve_any(case, params or SolveParams(), issues=case.issues, watch=watch)
        return answer_of(case, PlanOverTime.from_document(found, case))
    against: list[Issue] = []
    if plan.run.case_hash != case.case_hash:
        told = "the plan answers another case"
        against.append(Issue("plan_of_another_case", "error", told, "give the case that was solved"))
    if plan.cost is not None and not plan.ok:
        told = "the check of the plan found something"
        against.append(Issue("plan_not_ok", "error", told, "give a plan that is verified"))
    refuse_all(against)
    return answer_of(case, plan)


def require_country(case: Case) -> None:
    """Every reason why a case is not one of a country, at once.

    Raises
    ------
    InputError
        ``country_not_in_years``, ``country_not_one``.
    """
    found, horizon = [], case.policy.horizon
    if horizon is None or horizon.unit != "year":
        told = "a country case is planned over years"
        remedy = 'give policy.toml a [horizon] with unit = "year"'
        found.append(Issue("country_not_in_years", "error", told, remedy, table="policy", column="horizon"))
    countries = sorted({e.place.country for e in case.entities})
    if len(countries) != 1:
        told = f"the entities are in {len(countries)} countries: {', '.join(countries)}"
        remedy = "keep the entities of one country in a case"
        found.append(Issue("country_not_one", "error", told, remedy, table="entities", column="country"))
    if found:
        raise InputError(found)


def answer_of(case: Case, plan: PlanOverTime) -> CountryAnswer:
    """The answer that a plan of a country case gives."""
    head: dict[str, Any] = {
        "schema": BOS_SCHEMA,
        "case_hash": case.case_hash,
        "plan": plan.run.id,
        "name": case.name,
        "currency": case.policy.currency,
        "country": case.entities[0].place.country,
        "solution": plan.status.solution,
        "gap_rel": plan.bounds.gap_rel,
        "issues": plan.issues,
    }
    if plan.cost is None or plan.savings is None:
        head |= dict.fromkeys(("npv", "saving", "one_off", "break_even"))
        return CountryAnswer(**head, years=(), entities=(), setting_up=(), services=())
    tables = TablesOfCountry(case, plan.document())
    years = tables.years()
    return CountryAnswer(
        **head,
        npv=plan.savings.npv,
        saving=plan.savings.run_rate,
        one_off=round(sum(y.one_off for y in years), 2) + 0.0,
        break_even=plan.savings.break_even,
        years=years,
        entities=tables.entities(),
        setting_up=tables.setting_up(),
        services=tables.services(),
    )
