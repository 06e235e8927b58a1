"""Every country team of the reference table, one after the other, within one limit of time: a row each."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import data
from data.builder import write_case
from data.builder.teams import country_case, country_codes
from optimizer.country.ask import answer_of
from optimizer.domain.errors import BackendError
from optimizer.domain.options import Options, refuse_all
from optimizer.domain.params import BACKENDS, SolveParams
from optimizer.pipeline import solve_any
from optimizer.plan.time.plan import PlanOverTime
from optimizer.tables.read import read_case

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from optimizer.country.values import CountryAnswer
    from optimizer.domain.case import Case
    from optimizer.domain.issues import Issue
    from optimizer.solvers.accept.solve import Watch

__all__ = ["COUNTRIES_SCHEMA", "NOT_REACHED", "countries", "totals_of", "wrong_options"]

COUNTRIES_SCHEMA: Final = "designate.bos-countries/1"
NOT_REACHED: Final = "not_reached"
"""Status of a country for which no time was left."""

_LEAST_S: Final = 1.0
"""With less than this a solve is not begun."""


def countries(
    codes: Sequence[str] = (),
    *,
    time_limit: float | None = None,
    each: float = 20.0,
    backend: str = "engine",
    keep: Path | None = None,
    watch: Watch | None = None,
    done: Callable[[dict[str, Any]], None] | None = None,
) -> dict[str, Any]:
    """Solve the country teams and put what each would gain into one table.

    Parameters
    ----------
    codes : sequence of str, optional
        Countries, alpha-2; left out, all of the table.
    time_limit : float, optional
        Seconds for all of them. Those that are not reached are rows with status ``not_reached``.
    each : float, default 20
        Most seconds for one.
    backend : str, default "engine"
        It proves the plans of large teams within seconds, others do not.
    keep : Path, optional
        Folder for the cases, a folder each; left out, they are not kept.
    watch : Watch, optional
        Cancellation: what is solved by then is told.
    done : callable, optional
        Called with each row.

    Returns
    -------
    dict
        ``designate.bos-countries/1``: ``currency``, ``countries`` (by code), ``totals``. Money as in the answers.

    Raises
    ------
    OptionsRefused
        Codes have no country team, a limit is not above 0, there is no such backend; all at once.
    """
    known = country_codes()
    refuse_all(wrong_options(codes, time_limit=time_limit, each=each, backend=backend))
    ends = None if time_limit is None else time.monotonic() + time_limit
    rows, currency = [], ""
    with TemporaryDirectory() as drafts:
        for code in sorted(set(codes)) or known:
            folder = (keep or Path(drafts)) / code
            write_case(folder, *country_case(code))
            case = read_case(folder)[0]
            currency = case.policy.currency
            left = each if ends is None else min(each, ends - time.monotonic())
            if left < _LEAST_S or _stopped(watch):
                rows.append(_unsolved(code, case, NOT_REACHED))
            else:
                params = SolveParams(backend=backend, time_limit_s=left)  # type: ignore[arg-type]
                rows.append(_row(code, case, params, watch))
            if done is not None:
                done(rows[-1])
    return {"schema": COUNTRIES_SCHEMA, "currency": currency, "countries": rows, "totals": totals_of(rows)}


def wrong_options(codes: Sequence[str], *, time_limit: float | None, each: float, backend: str) -> list[Issue]:
    """Everything that makes no sense of what ``countries`` is asked."""
    known = country_codes()
    asked, unknown = Options(), sorted(set(codes) - set(known))
    if unknown:
        told, remedy = f"there is no country team for {', '.join(unknown)}", f"give some of {', '.join(known)}"
        asked.refuse("option_not_offered", "countries", told, remedy)
    asked.number("each", each, 0, above=True)
    asked.number("time_limit", time_limit, 0, above=True)
    asked.one_of("backend", backend, BACKENDS)
    return asked.found


def _stopped(watch: Watch | None) -> bool:
    return watch is not None and watch.cancelled is not None and watch.cancelled()


def _row(code: str, case: Case, params: SolveParams, watch: Watch | None) -> dict[str, Any]:
    """The row of a country that is solved; one that fails takes none of the others with it."""
    try:
        plan = PlanOverTime.from_document(solve_any(case, params, issues=case.issues, watch=watch), case)
    except BackendError as error:
        return {**_unsolved(code, case, "failed"), "detail": str(error)}
    answer = answer_of(case, plan)
    if answer.npv is None:
        return _unsolved(code, case, answer.solution)
    baseline = sum(y.baseline for y in answer.years)
    return {
        **_unsolved(code, case, answer.solution),
        "gap_rel": answer.gap_rel,
        "baseline": round(baseline, 2),
        "saving": answer.saving,
        "one_off": answer.one_off,
        "net": answer.years[-1].cumulative,
        "npv": answer.npv,
        "break_even": answer.break_even,
        "leads": ";".join(_leads(answer)),
        "losers": ";".join(_losers(answer)),
    }


@cache
def _names() -> dict[str, str]:
    return {r["code"]: r["name"] for r in data.reference_rows("countries")}


def _unsolved(code: str, case: Case, status: str) -> dict[str, Any]:
    """A row without money."""
    first = case.entities[0]
    unknown = ("gap_rel", "baseline", "saving", "one_off", "net", "npv", "break_even")
    return {
        "country": code,
        "name": _names()[code],
        "city": first.place.city,
        "latitude": first.place.latitude,
        "longitude": first.place.longitude,
        "offices": len(case.entities),
        "staff": float(sum(e.headcount for e in case.entities)),
        "solution": status,
        **dict.fromkeys(unknown),
        "leads": "",
        "losers": "",
        "detail": "",
    }


def _leads(answer: CountryAnswer) -> list[str]:
    """Offices that serve others at the end, most work first."""
    work: dict[str, float] = {}
    for row in answer.services:
        work[row.provider] = work.get(row.provider, 0.0) + row.effort_fte
    work.pop("OWN", None)
    return sorted(work, key=lambda p: (-work[p], p))


def _losers(answer: CountryAnswer) -> list[str]:
    """Offices whose net benefit over the horizon is below 0."""
    cents: dict[str, int] = {}
    for row in answer.entities:
        cents[row.entity] = cents.get(row.entity, 0) + round(row.net * 100)
    return sorted(e for e, net in cents.items() if net < 0)


def totals_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Sums over the countries with a plan, and how many these are."""
    solved = [r for r in rows if r["npv"] is not None]
    sums = {n: round(sum(r[n] for r in solved), 2) for n in ("baseline", "saving", "one_off", "net", "npv")}
    return {"countries": len(rows), "with_plan": len(solved), **sums}
