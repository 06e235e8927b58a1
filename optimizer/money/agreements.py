"""The register of service agreements: who promised what, what ends too early for the plan, what is missed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.domain.agreements import MONTHS, agreed, last_year, ratio, scores_of
from optimizer.domain.errors import InputError
from optimizer.domain.horizon import add_months
from optimizer.domain.issues import Issue
from optimizer.domain.names import OWN
from optimizer.domain.steady import only_steady
from optimizer.domain.types import exact
from optimizer.money.agreement_values import (
    AGREEMENTS_SCHEMA,
    AgreementRegister,
    AgreementRow,
    Finding,
    IndicatorResult,
    ServiceLevel,
    SurveyResult,
)
from optimizer.money.amounts import six

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from optimizer.domain.agreements import Agreement, Measurement
    from optimizer.domain.case import Case
    from optimizer.plan.plan import Plan

__all__ = ["agreements"]

Served = tuple[str, str, str]
"""(provider, service, client)."""


def agreements(case: Case, plan: Plan) -> AgreementRegister:
    """Service agreements of a case beside a plan: what is missing, what ends too early, which standards are missed.

    Parameters
    ----------
    case : Case
        Its tables ``agreements``, ``indicators``, ``measurements``, ``surveys``; without a horizon.
    plan : Plan
        Of this case. What it does is needed from ``as_of`` for ``horizon_years``, or until the client ends.

    Returns
    -------
    AgreementRegister

    Raises
    ------
    HorizonNotTaken
        The case has a horizon.
    InputError
        ``plan_of_another_case``.
    """
    only_steady(case)
    document = plan.document()
    if document["run"]["case_hash"] != case.case_hash:
        told, remedy = "the plan answers another case", "give the case that was solved"
        raise InputError([Issue("plan_of_another_case", "error", told, remedy)])
    rows = ((a["provider"], a["service"], a["entity"]) for a in document["assignments"])
    served = sorted({(p, s, e) for p, s, e in rows if p not in (None, OWN)})
    results = tuple(_indicators(case))
    found = [*_uncovered(case, served), *_missed(results), *_unpromised(case)]
    end = case.policy.as_of.replace(day=1)
    return AgreementRegister(
        schema=AGREEMENTS_SCHEMA,
        case_hash=case.case_hash,
        plan=document["run"]["id"],
        name=case.name,
        begin=add_months(end, -MONTHS).isoformat(),
        end=end.isoformat(),
        service_level_from=case.policy.service_level_from,
        findings=tuple(found),
        agreements=tuple(_agreements(case, served)),
        levels=tuple(_levels(case)),
        indicators=results,
        surveys=tuple(_surveys(case)),
        issues=(),
    )


def _uncovered(case: Case, served: Iterable[Served]) -> Iterator[Finding]:
    """What the plan does for a client without an agreement, from the first day or from a later one on."""
    begin = case.policy.as_of
    for provider, service, client in served:
        end = add_months(begin, 12 * case.policy.horizon_years)
        gone = case.entity[client].end
        end = end if gone is None else min(end, gone)
        day = _covered_until(case.agreements, (provider, service, client), begin, end)
        if day == begin:
            told = f"no agreement covers {service} of {client} at {provider} on {begin}"
            yield Finding("missing", provider, service, client, "", begin.isoformat(), end.isoformat(), told)
        elif day < end:
            told = f"{service} of {client} at {provider} is agreed until {day}, the plan needs it until {end}"
            yield Finding("ends_early", provider, service, client, "", day.isoformat(), end.isoformat(), told)


def _covered_until(rows: Iterable[Agreement], of: Served, begin: date, end: date) -> date:
    """The first day from ``begin`` on, before ``end``, that no agreement covers; one may take over from another."""
    day, (provider, service, client) = begin, of
    mine = [a for a in rows if a.provider == provider and a.service == service and a.client in (client, "*")]
    while day < end:
        holding = [a.until for a in mine if a.covers(provider, service, client, day)]
        if not holding:
            return day
        if None in holding:
            return end
        day = max(until for until in holding if until is not None)
    return end


def _agreements(case: Case, served: Iterable[Served]) -> Iterator[AgreementRow]:
    """Agreements, a row for those of one provider, client, service and time."""
    groups: dict[tuple[str, str, str, date, date | None, float], list[Agreement]] = defaultdict(list)
    for a in case.agreements:
        groups[a.provider, a.client, a.service, a.from_, a.until, a.notice].append(a)
    listed, today = list(served), case.policy.as_of
    for (provider, client, service, begin, until, notice), rows in groups.items():
        covers = [s for s in listed if rows[0].covers(*s, today)]
        yield AgreementRow(
            provider=provider,
            client=client,
            service=service,
            begin=begin.isoformat(),
            until=None if until is None else until.isoformat(),
            notice_by=None if until is None else add_months(until, -int(notice)).isoformat(),
            in_force=begin <= today and (until is None or today < until),
            clients=len(covers),
            indicators=tuple(sorted({a.indicator for a in rows if a.indicator})),
            penalty="; ".join(dict.fromkeys(a.penalty for a in rows if a.penalty)),
        )


def _levels(case: Case) -> Iterator[ServiceLevel]:
    """Service levels of offers as stated, as measured, and as they count."""
    stated = {(o["provider"], o["service"]): o.get("service_level") for o in case.tables.get("offers", ())}
    known = scores_of(case.agreements, case.indicators, case.measurements, case.policy.as_of)
    derived = case.policy.service_level_from == "measurements"
    for offer in case.offers:
        score = known.get(offer.key)
        yield ServiceLevel(
            provider=offer.provider,
            service=offer.service,
            stated=stated.get(offer.key),
            score=None if score is None else float(six(score.score)),
            measurements=0 if score is None else score.measurements,
            level=offer.service_level,
            derived=derived and score is not None,
        )


def _indicators(case: Case) -> Iterator[IndicatorResult]:
    """Means of each indicator by provider, service and client."""
    indicators = {i.id: i for i in case.indicators}
    rows: dict[tuple[str, str, str, str], list[Measurement]] = defaultdict(list)
    for m in last_year(case.measurements, case.policy.as_of):
        rows[m.provider, m.service, m.client, m.indicator].append(m)
    for provider, service, client, name in sorted(rows):
        found, indicator = rows[provider, service, client, name], indicators[name]
        mean = sum((exact(m.value) for m in found), Fraction(0)) / len(found)
        targets = [(m, agreed(case.agreements, m)) for m in found]
        met = [ratio(indicator.direction, exact(m.value), t) for m, t in targets if t is not None]
        yield IndicatorResult(
            provider=provider,
            service=service,
            client=client,
            indicator=name,
            unit=indicator.unit,
            direction=indicator.direction,
            value=float(six(mean)),
            measurements=len(found),
            met=float(six(sum(met, Fraction(0)) / len(met))) if met else None,
            minimum_standard=indicator.minimum_standard,
            missed=indicator.misses(mean),
        )


def _missed(results: Iterable[IndicatorResult]) -> Iterator[Finding]:
    for r in results:
        if r.missed:
            whose = "all clients" if r.client == "*" else r.client
            told = f"{r.indicator} of {r.service} at {r.provider} for {whose}: {r.value:g} {r.unit}".rstrip()
            told += f", the minimum standard is {r.minimum_standard:g}"
            yield Finding("standard_missed", r.provider, r.service, r.client, r.indicator, None, None, told)


def _unpromised(case: Case) -> Iterator[Finding]:
    """Values of the last 12 months that no target stands against; they are in no score."""
    rows: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for m in last_year(case.measurements, case.policy.as_of):
        if agreed(case.agreements, m) is None:
            rows[m.provider, m.service, m.client, m.indicator] += 1
    for (provider, service, client, name), count in sorted(rows.items()):
        told = f"{count:,} values of {name} of {service} at {provider} that nothing is promised of: in no score"
        yield Finding("nothing_promised", provider, service, client, name, None, None, told)


def _surveys(case: Case) -> Iterator[SurveyResult]:
    """Means of the last 12 months by provider, each client by its answers."""
    end = case.policy.as_of.replace(day=1)
    recent = [s for s in case.surveys if add_months(end, -MONTHS) <= s.period < end]
    for provider in sorted({s.provider for s in recent}):
        mine = [s for s in recent if s.provider == provider]
        answers = sum((exact(s.n) for s in mine), Fraction(0))
        mean = sum((exact(s.score) * exact(s.n) for s in mine), Fraction(0)) / answers
        yield SurveyResult(provider, float(six(mean)), int(answers), len({s.client for s in mine}))
