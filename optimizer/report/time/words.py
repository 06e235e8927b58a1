"""What a plan over time comes to, in sentences that need no other figure: money, pay-back, who moves when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from optimizer.report.naming import clip
from optimizer.report.numbers import count, decimal, joined, many, percent, tell
from optimizer.report.time.periods import Periods
from optimizer.report.wording import by_hand, cash, status_sentence, unserved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "clients",
    "cost_words",
    "move_words",
    "moves",
    "paid_words",
    "people_words",
    "proof_words",
    "replanned_words",
    "saving_words",
    "services",
    "switching",
]

_NAMED = 3
"""Waves and entities that a sentence names one by one."""
_LONG = 80
"""Letters of a name in a sentence."""


def clients(number: int) -> str:
    """``1 entity``, ``12 entities``."""
    return many("{n} entity", "{n} entities", number)


def services(number: int) -> str:
    """``1 service``, ``12 services``."""
    return many("{n} service", "{n} services", number)


def moves(plan: Mapping[str, Any]) -> str:
    """``3 services of 2 entities``: all that switch."""
    waves = switching(plan)
    entities = {e for w in waves for e in w["entities"]}
    one, other = "{n} service of {entities}", "{n} services of {entities}"
    return many(one, other, sum(w["switches"] for w in waves), entities=clients(len(entities)))


def proof_words(plan: Mapping[str, Any]) -> str:
    """What is proven about the plan; money is discounted to the start."""
    bounds, solution = plan["bounds"], plan["status"]["solution"]
    if by_hand(plan) or unserved(plan) or solution not in ("optimal", "feasible") or bounds["gap_abs"] is None:
        return status_sentence(plan)
    if solution == "optimal":
        return tell("Proven optimal: no plan that keeps the rules costs less over the whole time.")
    amount, part = cash(bounds["gap_abs"], plan["run"]["currency"]), percent(bounds["gap_rel"])
    template = "Proven: no plan that keeps the rules costs less by more than {amount}, {part} of the whole."
    return tell(template, amount=amount, part=part)


def cost_words(plan: Mapping[str, Any]) -> str:
    """What the plan costs."""
    cost, unit, when = plan["cost"], plan["run"]["currency"], Periods(plan)
    template = "From {first} to {last} it costs {running} to run, with nothing paid once."
    if cost["one_off"]:
        template = "From {first} to {last} it costs {running} to run and {once} once."
    head = tell(
        template,
        first=when.month(1),
        last=when.after_months(when.months),
        running=cash(cost["running"], unit),
        **({"once": cash(cost["one_off"], unit)} if cost["one_off"] else {}),
    )
    worth = tell("In money of {first} that is {all} in all.", first=when.month(1), all=cash(cost["discounted"], unit))
    return joined((head, worth))


def saving_words(plan: Mapping[str, Any]) -> str:
    """What is saved, and when it pays back."""
    saved, unit, when = plan["savings"], plan["run"]["currency"], Periods(plan)
    if saved is None:
        return tell("There is no arrangement of today with a price, so that no saving can be told.")
    amount = {"amount": cash(abs(saved["total"]), unit)}
    rate = {} if saved["run_rate"] is None else {"rate": cash(saved["run_rate"], unit)}
    if saved["total"] >= 0:
        template = "Against staying as today it saves {amount} of running cost."
        if rate:
            template = (
                "Against staying as today it saves {amount} of running cost, {rate} of it in the last twelve months."
            )
    else:
        template = "Against staying as today it costs more by {amount} of running cost."
        if rate:
            template = (
                "Against staying as today it costs more by {amount} of running cost; "
                "in the last twelve months it saves {rate}."
            )
    return joined((tell(template, **amount, **rate), paid_words(plan), _worth(saved, unit, when)))


def paid_words(plan: Mapping[str, Any]) -> str:
    """When what is paid once is earned back."""
    saved, when = plan["savings"], Periods(plan)
    months = saved["break_even"]
    if months is None:
        once = sum(saved["one_off"].values())
        return tell("What is paid once is not earned back in this time." if once else "Nothing is earned in this time.")
    if months == 0:
        return tell("Nothing has to be paid back.")
    one = "What is paid once is earned back after {n} month, in {month}."
    other = "What is paid once is earned back after {n} months, in {month}."
    return many(one, other, months, month=when.after_months(months))


def _worth(saved: Mapping[str, Any], unit: str, when: Periods) -> str:
    template = "In money of {first} the plan is worth {amount} more than staying."
    if saved["npv"] < 0:
        template = "In money of {first} the plan is worth {amount} less than staying."
    return tell(template, first=when.month(1), amount=cash(abs(saved["npv"]), unit))


def switching(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Waves in which something switches."""
    return [w for w in plan["waves"] if w["switches"]]


def move_words(plan: Mapping[str, Any], name: Callable[[str], str]) -> str:
    """Who moves when."""
    waves, when = switching(plan), Periods(plan)
    if not waves:
        return tell("Nobody moves: everybody stays with today’s source.")
    number = sum(w["switches"] for w in waves)
    head = tell("{what} moves" if number == 1 else "{what} move", what=moves(plan))
    if len(waves) <= _NAMED:
        parts = (tell("{who} in {month}", who=_who(w, name), month=when.month(w["period"])) for w in waves)
        return tell("{head}: {parts}.", head=head, parts=joined(parts, "{first}; {second}"))
    largest = max(waves, key=lambda w: (w["effort_fte"], -w["period"]))
    return tell(
        "{head} in {waves} waves, from {first} to {last}; most work moves in {month}: {fte} FTE of {who}.",
        head=head,
        waves=count(len(waves)),
        first=when.month(waves[0]["period"]),
        last=when.month(waves[-1]["period"]),
        month=when.month(largest["period"]),
        fte=decimal(largest["effort_fte"]),
        who=_who(largest, name),
    )


def _who(wave: Mapping[str, Any], name: Callable[[str], str]) -> str:
    found = [clip(name(e), _LONG) for e in wave["entities"]]
    named = ", ".join(found) if len(found) <= _NAMED else clients(len(found))
    return tell("{who} ({what})", who=named, what=services(wave["switches"]))


def people_words(plan: Mapping[str, Any]) -> str:
    """Posts created and abolished, never a net figure alone."""
    rows = [r for r in plan["staffing"] if r["source"] is None]
    created, abolished, again, rest = (
        sum(r[k] or 0.0 for r in rows) for k in ("created", "abolished", "redeployed", "separated")
    )
    if not rows or created + abolished < 0.05:
        return tell("No post is created or abolished.")
    return tell(
        "Posts (in FTE): {created} are created and {abolished} abolished. Of the abolished, "
        "{again} can be filled again at the same place and category, {rest} cannot.",
        created=decimal(created),
        abolished=decimal(abolished),
        again=decimal(again),
        rest=decimal(rest),
    )


def replanned_words(until: int, changes: Mapping[str, Any]) -> list[str]:
    """What a plan that is made again commits, and what changed against the plan before.

    Parameters
    ----------
    until : int
        Period up to which waves are committed; 0: none.
    changes : mapping
        ``designate.diff/2`` between the two plans.
    """
    moved = {(m["entity"], m["service"]) for m in changes["moved"]}
    out: list[str] = []
    if until:
        out.append(tell("What the plan does up to period {n} is committed and stays.", n=count(until)))
    if not moved:
        return [*out, tell("Nothing else moves, and nothing moves at another time.")]
    one = "{n} demand of the plan before moves otherwise."
    return [*out, many(one, "{n} demands of the plan before move otherwise.", len(moved))]
