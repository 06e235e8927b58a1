"""Limits of a conflict in words: figures of the input that are too small or too large, and by how much."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from optimizer.domain.answer import Sentence, told
from optimizer.domain.issues import Issue
from optimizer.domain.names import ZONES

if TYPE_CHECKING:
    from collections.abc import Callable

    from optimizer.domain.case import Case
    from optimizer.model.problem import Problem
    from optimizer.solvers.diagnose.instances import Instance
    from optimizer.solvers.diagnose.irreducible import Conflict, GiveWay

__all__ = [
    "BEYOND",
    "NEARER",
    "Known",
    "after",
    "line_capacity",
    "minimum_volume",
    "plain",
    "policy_figure",
    "share_of_all",
    "site_capacity",
    "site_count",
]


class Known:
    """A conflict of a case, and what is known of its instances."""

    def __init__(self, case: Case, problem: Problem, conflict: Conflict) -> None:
        self.case, self.problem, self.conflict = case, problem, conflict

    def amount(self, instance: Instance) -> GiveWay | None:
        """How far the instance must give way, where that was found: for the whole case if it can be."""
        return self.conflict.alone.get(instance) or self.conflict.amounts.get(instance)

    def line(self, index: int) -> tuple[str, str]:
        """Provider and service of a line."""
        lines = self.problem.lines
        return self.problem.provider_ids[lines.provider[index]], self.problem.service_ids[lines.service[index]]


def plain(amount: Fraction, unit: str = "") -> Sentence:
    """An amount rounded up to six decimals, so that giving so much is enough."""
    unit = _of(amount, unit)
    text, figure = f"{float(_ceil(amount)):,.6f}".rstrip("0").rstrip("."), float(_ceil(amount))
    if not unit:
        return Sentence(text, "{n}", {"n": figure})
    return Sentence(f"{text} {unit}", "{n} {unit}", {"n": figure, "unit": told(unit)})


def _of(amount: Fraction | float, unit: str) -> str:
    """A unit as it stands after a number."""
    return unit.removesuffix("s") if amount == 1 else unit


def after(label: str, what: Sentence) -> str:
    """A message behind the name of its conflict, if it has one."""
    return f"{label}{what}" if label else what


def _ceil(amount: Fraction) -> Fraction:
    return Fraction(-((-amount * 1_000_000) // 1), 1_000_000)


def _number(value: float) -> Fraction:
    """A number of the input as it was written."""
    return Fraction(str(value))


def _limit(
    name: Sentence, limit: float, unit: str, what: Sentence, table: str, column: str, value: str, *, lower: bool = False
) -> Callable[[str, GiveWay | None], Issue]:
    """A finding about one figure of the input that is too small (or, ``lower``, too large)."""

    def tell(label: str, way: GiveWay | None) -> Issue:
        verb = "lower" if lower else "raise"
        message = told("{name} is {limit:,.6g} {unit}", name=name, limit=limit, unit=told(_of(limit, unit)))
        remedy = told(_CHANGE[verb, ""], column=column)
        if way is not None:
            by, new = plain(way.amount, unit), _number(limit) + (-_ceil(way.amount) if lower else _ceil(way.amount))
            message = told("{limited}, {amount} {what}", limited=message, amount=by, what=what)
            remedy = told(_CHANGE[verb, "least" if way.least else "perhaps"], column=column, amount=by, new=plain(new))
        return Issue("rule_conflict", "error", after(label, message), remedy, table=table, column=column, value=value)

    return tell


_CHANGE: Final = {
    ("raise", ""): "raise {column}",
    ("lower", ""): "lower {column}",
    ("raise", "least"): "raise {column} by at least {amount}, to {new}",
    ("lower", "least"): "lower {column} by at least {amount}, to {new}",
    ("raise", "perhaps"): "raise {column} by at least {amount}, to {new} (less may do)",
    ("lower", "perhaps"): "lower {column} by at least {amount}, to {new} (less may do)",
}
"""What to do with a figure, by how far that is known to be enough."""
SHORT: Final = told("short of what the other rules send there")
MISSED: Final = told("more than the other rules can fill")
NEARER: Final = told("short of what the other rules leave")
BEYOND: Final = told("more than the other rules leave")


def line_capacity(t: Known, instance: Instance, label: str) -> Issue:
    """What a line can carry."""
    key = t.line(instance.key[0])
    unit = t.case.service[key[1]].unit or "units"
    text = "the capacity of the offer {offer}, {service} by {provider},"
    name = told(text, offer="|".join(key), service=key[1], provider=key[0])
    limit = t.case.offer[key].capacity or 0.0
    return _limit(name, limit, unit, SHORT, "offers", "capacity", "|".join(key))(label, t.amount(instance))


def site_capacity(t: Known, instance: Instance, label: str) -> Issue:
    """What a site can carry."""
    site = t.case.provider[t.problem.provider_ids[instance.key[0]]]
    name = told("the capacity of {provider}", provider=site.id)
    tell = _limit(name, site.capacity_fte or 0.0, "FTE", SHORT, "providers", "capacity_fte", site.id)
    return tell(label, t.amount(instance))


def minimum_volume(t: Known, instance: Instance, label: str) -> Issue:
    """The least volume of a line, the least work of a candidate."""
    if instance.part == "line":
        key = t.line(instance.key[0])
        unit = t.case.service[key[1]].unit or "units"
        name = told("the least volume of the offer {offer}", offer="|".join(key))
        limit = t.case.offer[key].min_volume
        tell = _limit(name, limit, unit, MISSED, "offers", "min_volume", "|".join(key), lower=True)
    else:
        site = t.case.provider[t.problem.provider_ids[instance.key[0]]]
        tell = _limit(
            told("the least work at {provider}, a candidate,", provider=site.id),
            site.min_fte,
            "FTE",
            MISSED,
            "providers",
            "min_fte",
            site.id,
            lower=True,
        )
    return tell(label, t.amount(instance))


_SITES: Final = {
    "least": "the least number of open Secretariat sites (policy site_count.min)",
    "most": "the largest number of open Secretariat sites (policy site_count.max)",
}


def site_count(t: Known, instance: Instance, label: str) -> Issue:
    """Numbers of open Secretariat sites, or one in a zone."""
    limits, way = t.case.policy.site_count, t.amount(instance)
    if instance.part == "zone":
        zone = ZONES[instance.key[0]]
        message = told("at least one open Secretariat site in zone {zone} (policy zones)", zone=zone)
        return Issue(
            "rule_conflict",
            "error",
            after(label, message),
            told("let a provider work in zone {zone}, or switch zones off", zone=zone),
            table="policy",
            column="zones",
            value=zone,
        )
    lower = instance.part == "least"
    limit = (limits.min if lower else limits.max) if limits else 0
    column = "site_count.min" if lower else "site_count.max"
    name = told(_SITES[instance.part])
    what = MISSED if lower else SHORT
    return _limit(name, float(limit or 0), "sites", what, "policy", column, "", lower=lower)(label, way)


def share_of_all(column: str, who: str, them: str) -> Callable[[Known, Instance, str], Issue]:
    """A finding about a share of all effort that is too small."""
    return lambda t, instance, label: _of_all(t, label, t.amount(instance), (column, who, them))


def _of_all(t: Known, label: str, way: GiveWay | None, words: tuple[str, str, str]) -> Issue:
    column, who, them = words
    share = float(getattr(t.case.policy, column) or 0)
    message, remedy = told(who, share=share), told("raise it")
    if way is not None:
        whole = sum(
            (_number(d.volume) * _number(t.case.service[d.service].minutes_per_unit) for d in t.case.demands),
            Fraction(0),
        ) / _number(t.case.policy.minutes_per_fte_year)
        need = _number(share) + way.amount / whole
        message = told(them, what=message, amount=plain(way.amount, "FTE"))
        remedy = told("raise {column} to at least {need}", column=column, need=plain(need))
    return Issue("rule_conflict", "error", after(label, message), remedy, table="policy", column=column)


def policy_figure(
    column: str, name: str, unit: str, what: Sentence = SHORT, *, lower: bool = False
) -> Callable[[Known, Instance, str], Issue]:
    """A finding about one figure of the policy; without a unit it is money."""

    def tell(t: Known, instance: Instance, label: str) -> Issue:
        limit, way = float(getattr(t.case.policy, column) or 0), t.amount(instance)
        currency = t.case.policy.currency
        return _limit(told(name), limit, unit or currency, what, "policy", column, "", lower=lower)(label, way)

    return tell
