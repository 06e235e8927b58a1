"""What losses of sites mean, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from optimizer.studies.search import CLOSED
from optimizer.studies.why_not_words import extra_sentence
from optimizer.studies.words import between, phrase, say, share, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.domain.answer import Sentence
    from optimizer.domain.case import Case

__all__ = ["sentences"]

MOST_TOLD: Final = 5
_MANY_OPEN: Final = (
    "Losses not answered in the time given: {n}, which the table names; give more time, or ask for fewer."
)


def sentences(case: Case, weeks: float, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[Sentence, ...]:
    """The losses that hurt most, those that were not answered, the plan with backups, the largest share."""
    losses, currency = tables["losses"], case.policy.currency
    known = [r for r in losses if r["status"] != "not answered"]
    undone = sum(r["unserved_fte"] > 0 for r in known)
    out = [say("Losses looked at: {n}; work is left unserved in {k} of them.", n=len(known), k=undone)]
    if len(known) < len(losses):
        open_ = [_lost(case, r) for r in losses if r["status"] == "not answered"]
        if len(open_) <= MOST_TOLD:
            text = "Losses not answered in the time given: {who}; give more time, or ask for these alone."
            out.append(say(text, who=", ".join(open_)))
        else:
            text = _MANY_OPEN
            out.append(say(text, n=len(open_)))
    worst = sorted(known, key=lambda r: (-r["critical_fte"], -r["unserved_fte"], -r["upper"]))
    out += [_loss(case, r, weeks, currency) for r in worst[:MOST_TOLD]]
    for row in tables.get("every_demand_backed_up", ()):
        out.append(_cover(row, currency))
    sites = tables["concentration"][0]
    if sites["largest"] is not None:
        text = "The largest site, {site}, has {share} of the work that is not done by own capacity."
        out.append(
            say(
                text,
                {"provider": sites["largest"]},
                site=_named(case, sites["largest"]),
                share=share(sites["largest_share"]),
            )
        )
    return tuple(out)


def _loss(case: Case, row: Mapping[str, Any], weeks: float, currency: str) -> Sentence:
    values: dict[str, Any] = {
        "who": _lost(case, row),
        "weeks": some(weeks, "{n} week", "{n} weeks"),
        "fte": _fte(row["effort_fte"]),
        "undone": _fte(row["unserved_fte"]),
        "critical": _critical(row["critical_fte"]),
        "cost": _change(row["lower"], row["upper"], currency),
    }
    if row["unserved_fte"] == 0:
        text = "{who} lost for {weeks}: all of its {fte} FTE of work is taken over; {cost}."
    elif row["known"]["least_unserved"]:
        text = (
            "{who} lost for {weeks}: of its {fte} FTE of work {undone} FTE cannot be served, {critical}; {cost},"
            " work that is not served costing nothing."
        )
    else:
        text = (
            "{who} lost for {weeks}: of its {fte} FTE of work {undone} FTE are left unserved in the arrangement"
            " found, {critical}; whether less would do is not known."
        )
    return say(text, {"provider": row["lost"].split(" + ")[0]}, **values)


def _critical(fte: float) -> Any:
    """How much of it is critical, in words where it is nothing."""
    return phrase("{n} FTE of it critical", n=_fte(fte)) if fte else phrase("none of it critical")


def _change(lower: float | None, upper: float, currency: str) -> Any:
    """What the loss does to the cost, told as a rise, a fall, or either."""
    if lower is None:
        return phrase("how the cost changes is not known")
    if abs(lower) <= CLOSED and abs(upper) <= CLOSED:
        return phrase("the cost stays the same")
    if lower >= 0:
        return phrase("the cost rises by {by}", by=between(lower, upper, currency))
    if upper <= 0:
        return phrase("the cost falls by {by}", by=between(-upper, -lower, currency))
    return phrase("the cost changes by {by}", by=between(lower, upper, currency))


def _lost(case: Case, row: Mapping[str, Any]) -> str:
    """Names of the sites of a loss."""
    return " + ".join(_named(case, p) for p in row["lost"].split(" + "))


def _named(case: Case, provider: str) -> str:
    return f"{case.provider[provider].name} ({provider})"


def _fte(value: float) -> float:
    """Small amounts keep two digits that matter."""
    return float(f"{value:.2g}") if value < 1 else round(value, 1)


def _cover(row: Mapping[str, Any], currency: str) -> Sentence:
    if row["status"] == "impossible":
        return say("No plan has a backup for every demand (proven).")
    if row["upper"] is None:
        if row["least_extra"] is None or row["least_extra"] <= 0:  # a bound below today's cost says nothing
            return say("Whether a plan can have a backup for every demand was not answered in time; give more time.")
        text = (
            "Whether a plan can have a backup for every demand was not answered; compared with the plan in hand it"
            " would cost {extra} more a year."
        )
        return say(text, extra=between(row["least_extra"], None, currency))
    what = phrase("a backup for every demand, enough for the loss of any one site,")
    return extra_sentence(what, row["least_extra"], row["most_extra"], currency, {})
