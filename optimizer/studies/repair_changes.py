"""What is given up, as a change of the case's tables: a limit moved, a decision withdrawn, a pair decided."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from optimizer.domain.names import REFUSALS
from optimizer.solvers.diagnose.instances import instances_of
from optimizer.solvers.diagnose.programs import broken
from optimizer.studies.decided import without_decisions
from optimizer.studies.hardness import where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizer.domain.case import Case
    from optimizer.domain.types import Decision
    from optimizer.model.parts import Choice
    from optimizer.solvers.diagnose.instances import Ground, Instance
    from optimizer.verify.checker import Evaluator

__all__ = ["Give", "change_of", "codes_of", "gives_of", "is_least", "step_of", "step_short"]

MILLION: Final = 1_000_000
_LIMITS: Final = {"max_providers_per_entity", "max_moves", "one_off_budget", "agency_share"}
NEAR: Final = {"mean_overlap_min", "mean_distance_max", "worse_off_max", "exposure_max_fte", "site_share_max"}
"""Rules that are given up whole: the least of a mean, or of a number of entities, is no amount of a row."""
_WHOLE: Final = {"max_providers_per_entity", "max_moves", "site_count"}


@dataclass(frozen=True)
class Give:
    """What one choice gives.

    Parameters
    ----------
    instance : Instance
    today, becomes : Fraction, optional
        The figure of the input; ``None`` where the choice is on or off.
    named : tuple of (entity, service)
        Demands that a lock is withdrawn for.
    """

    instance: Instance
    today: Fraction | None = None
    becomes: Fraction | None = None
    named: tuple[tuple[str, str], ...] = ()

    @property
    def by(self) -> Fraction | None:
        """How much the figure changes."""
        return None if self.today is None or self.becomes is None else abs(self.becomes - self.today)


def gives_of(ground: Ground, evaluator: Evaluator, instances: Iterable[Instance], choice: Choice) -> list[Give]:
    """What each instance must give so that a plan is allowed, exactly; figures rounded outwards to six decimals."""
    out: list[Give] = []
    tally = Evaluation(ground, evaluator, choice, frozenset(instances))
    zones = False
    for i in sorted(tally.given):
        if i.part == "zone":
            if not zones:
                out.append(Give(i))
            zones = True
        elif i.rule == "lock":
            out.append(Give(i, named=tally.moved_from(i)))
        else:
            today = _figure(ground, i)
            out.append(Give(i) if today is None else Give(i, today, tally.needed(i, today)))
    return out


class Evaluation:
    """What a plan asks of the choices given up."""

    def __init__(self, ground: Ground, evaluator: Evaluator, choice: Choice, given: frozenset[Instance]) -> None:
        self.ground, self.evaluator, self.choice, self.given = ground, evaluator, choice, given
        self.backups = frozenset(i for i in instances_of(ground) if i.rule == "backup") - given

    def moved_from(self, lock: Instance) -> tuple[tuple[str, str], ...]:
        """Demands of a lock that the plan serves elsewhere."""
        problem = self.ground.problem
        at = [d for row, d, p in self.ground.locks if row == lock.key[0] and self.choice.provider[d] != p]
        rows = problem.decode(self.choice)
        return tuple(rows[d][:2] for d in at)

    def needed(self, instance: Instance, today: Fraction) -> Fraction:
        """The figure that the plan needs."""
        if instance.rule == "site_count":
            return Fraction(self._sites())
        kept = {instance, *self.backups}  # a backup that stays named takes its room too
        known = broken(self.ground, self.evaluator, kept, self.choice)
        found = [v.amount for i, v in known if i == instance and v is not None]
        amount = max(found, default=Fraction(0))
        if instance.rule == "agency_share":
            facts = self.evaluator.facts
            amount = amount / (
                Fraction(facts.all_minutes, MILLION**2) / Fraction(str(facts.policy.minutes_per_fte_year))
            )
        whole = Fraction(-((-amount * MILLION) // 1), MILLION)
        return max(today - whole, Fraction(0)) if instance.rule == "minimum_volume" else today + whole

    def _sites(self) -> int:
        """Open Secretariat sites, required ones among them unless they are given up."""
        problem = self.ground.problem
        used = {int(p) for p in self.choice.provider if 0 <= p < problem.n_providers}
        let_go = {i.key[0] for i in self.given if i.rule == "required"}
        forced = {p for p in range(problem.n_providers) if problem.sites.is_required[p] and p not in let_go}
        return sum(bool(problem.sites.is_secretariat[p]) for p in used | forced)


def _figure(ground: Ground, i: Instance) -> Fraction | None:
    """The figure of the input behind an instance."""
    case, ids, policy = ground.case, where(ground, i), ground.case.policy
    if i.rule == "line_capacity" or (i.rule, i.part) == ("minimum_volume", "line"):
        lines, problem = ground.problem.lines, ground.problem
        offer = case.offer[problem.provider_ids[lines.provider[i.key[0]]], problem.service_ids[lines.service[i.key[0]]]]
        return _exact(offer.min_volume if i.part else offer.capacity)
    if i.rule in ("site_capacity", "minimum_volume"):
        return _exact(case.provider[ids].min_fte if i.part else case.provider[ids].capacity_fte)
    if i.rule == "site_count" and policy.site_count is not None:
        return _exact(policy.site_count.min if i.part == "least" else policy.site_count.max)
    if i.rule in _LIMITS:
        return _exact(getattr(policy, "agency_share_max" if i.rule == "agency_share" else i.rule))
    return None


def _exact(value: float | None) -> Fraction | None:
    return None if value is None else Fraction(str(value))


def step_of(give: Give) -> Fraction:
    """The smallest step of a figure."""
    return Fraction(1) if give.instance.rule in _WHOLE else Fraction(1, MILLION)


def step_short(give: Give) -> Give | None:
    """The same with the smallest step less given; ``None`` where there is no such figure."""
    if give.today is None or give.becomes is None:
        return None
    step = step_of(give)
    back = give.becomes + (step if give.becomes < give.today else -step)
    return dataclasses.replace(give, becomes=back)


def is_least(give: Give, short: Fraction | None) -> bool:
    """Whether the nearest figure that does not do is a step away."""
    back = step_short(give)
    return back is not None and short is not None and back.becomes == short


def change_of(ground: Ground, gives: Iterable[Give]) -> dict[str, Any]:
    """The change of the case, as ``Session.vary`` takes it."""
    case, listed = ground.case, list(gives)
    policy: dict[str, Any] = {}
    rows: dict[tuple[str, tuple[str, ...]], dict[str, Any]] = {}
    for g in listed:
        if g.instance.rule == "refusal" and "closed" in codes_of(ground, g.instance):
            who = ground.problem.provider_name(g.instance.key[1])
            rows.setdefault(("providers", (who,)), {})["status"] = "open"
        _put(ground, g, policy, rows)
    out: dict[str, Any] = {"policy": policy} if policy else {}
    for (table, key), cells in rows.items():
        named = dict(zip(_KEYS[table], key, strict=True))
        out.setdefault(table, {"change": []})["change"].append(named | cells)
    decided = [g for g in listed if g.instance.rule in ("lock", "refusal")]
    if decided:
        out["decisions"] = decisions_after(case, ground, decided)
    return out


_KEYS: Final[dict[str, tuple[str, ...]]] = {
    "offers": ("provider", "service"),
    "providers": ("id",),
    "services": ("id",),
}


def _put(
    ground: Ground, g: Give, policy: dict[str, Any], rows: dict[tuple[str, tuple[str, ...]], dict[str, Any]]
) -> None:
    """Cells of one choice."""
    i, ids = g.instance, tuple(where(ground, g.instance).split("|"))
    value = None if g.becomes is None else float(g.becomes)
    if i.rule in _WHOLE and value is not None:
        value = int(value)
    lines, problem = ground.problem.lines, ground.problem
    if i.rule == "line_capacity" or (i.rule, i.part) == ("minimum_volume", "line"):
        key = problem.provider_ids[lines.provider[i.key[0]]], problem.service_ids[lines.service[i.key[0]]]
        rows.setdefault(("offers", key), {})["min_volume" if i.part else "capacity"] = value
    elif i.rule in ("site_capacity", "minimum_volume"):
        rows.setdefault(("providers", ids), {})["min_fte" if i.part else "capacity_fte"] = value
    elif i.rule == "required":
        rows.setdefault(("providers", ids), {})["status"] = "open"
    elif i.rule == "backup":
        rows.setdefault(("services", ids), {})["critical"] = False
    elif i.part == "zone":
        policy["zones"] = False
    elif i.rule == "site_count":
        policy.setdefault("site_count", {})["min" if i.part == "least" else "max"] = value
    elif i.rule == "bundle_together":
        policy["bundle_mode"] = "price"
    elif i.rule in NEAR:
        policy[i.rule] = None
    elif i.rule in _LIMITS:
        policy["agency_share_max" if i.rule == "agency_share" else i.rule] = value


def decisions_after(case: Case, ground: Ground, gives: Iterable[Give]) -> list[dict[str, Any]]:
    """Decisions with locks withdrawn for the demands named, and pairs decided that are refused.

    A row that speaks of several demands is written out where it goes on for some of them.
    """
    freed: dict[Decision, set[tuple[str, str]]] = {}
    decided: dict[tuple[str, str], str] = {}
    allowed: set[tuple[str, str]] = set()
    for g in gives:
        if g.instance.rule == "lock":
            freed.setdefault(case.decisions[g.instance.key[0]], set()).update(g.named)
        else:
            d, p = g.instance.key
            problem = ground.problem
            key = problem.entity_ids[problem.demand_entity[d]], problem.service_ids[problem.demand_service[d]]
            decided[key] = problem.provider_name(p)
            if codes_of(ground, g.instance) == ("forbid",):
                allowed.add(key)
    out = without_decisions(
        case,
        lambda row: (
            freed.get(row, set()) | {key for key, who in decided.items() if row.action == "lock" or row.provider == who}
        ),
    )
    out += [
        {"action": "lock", "entity": e, "service": s, "provider": who, "reason": "repair: served although refused"}
        for (e, s), who in decided.items()
        if (e, s) not in allowed
    ]
    unique = {(r["action"], r["entity"], r.get("service", ""), r.get("provider", "")): r for r in out}
    return list(unique.values())


def codes_of(ground: Ground, refusal: Instance) -> tuple[str, ...]:
    """Why a pair is refused."""
    mask = int(ground.problem.refusals[refusal.key])
    return tuple(code for bit, code in enumerate(REFUSALS) if mask >> bit & 1)
