"""The places that a location study compares: every value that their weights ask for, or what is lacking."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from optimizer.studies.location_kinds import LOCATION_CATALOGUE
from optimizer.tables.checks.problems import Problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from optimizer.studies.location_tables import LocationTables
    from optimizer.studies.scoring import Criterion

__all__ = ["Shortlist", "shortlisted"]


@dataclass(frozen=True)
class Shortlist:
    """Values and weights of the places that are compared."""

    places: tuple[str, ...]
    values: Mapping[tuple[str, str], Fraction]
    weights: Mapping[str, Fraction]
    imputed: tuple[tuple[str, str], ...] = field(default=())


def shortlisted(
    tables: LocationTables, preset: str, places: Sequence[str], impute: bool, cities: Mapping[str, str] | None = None
) -> Shortlist:
    """The places to compare, with every value that their weights ask for.

    Parameters
    ----------
    tables : LocationTables
    preset : str
    places : sequence of str
        Default: all.
    impute : bool
    cities : mapping of str to str, optional
        Cities of providers by id, to say where scores are of cities.

    Raises
    ------
    InputError
        No such preset or place; fewer than two places; values that are missing, unless they are to be imputed.
    """
    problems, known = Problems(LOCATION_CATALOGUE), set(tables.places)
    weights = {c: w for c, w in tables.presets.get(preset, {}).items() if w > 0}
    if preset not in tables.presets:
        told, known_presets = f"there is no preset {preset!r}", ", ".join(sorted(tables.presets))
        problems.add("unknown_preset", told, table="weights", column="preset", value=preset, known=known_presets)
    for p in dict.fromkeys(places):
        if p not in known:
            there = f", a provider in {cities[p]}: name the city" if cities and p in cities else ""
            told = f"there are no scores of {p}{there}"
            problems.add("unknown_place", told, table="scores", column="place", value=p)
    chosen = tuple(p for p in dict.fromkeys(places or tables.places) if p in known)
    if len(chosen) < 2 and not problems.found:
        problems.add("few_places", "a comparison needs two places at least", table="scores")
    values, imputed = dict(tables.values), list[tuple[str, str]]()
    for c in weights:
        have = [tables.values[p, c] for p in chosen if (p, c) in tables.values]
        for p in chosen:
            if (p, c) in tables.values:
                continue
            if impute and have:
                values[p, c] = sum(have, Fraction(0)) / len(have)
                imputed.append((p, c))
            else:
                told = f"{p} has no value of {c}"
                more = "" if impute else ", leave the place out, or ask for it to be imputed"
                problems.add("missing_score", told, table="scores", value=f"{p}|{c}", more=more)
        _check_scale(tables.criteria[c], [values[p, c] for p in chosen if (p, c) in values], problems)
    problems.raise_errors()
    return Shortlist(chosen, values, weights, tuple(imputed))


def _check_scale(criterion: Criterion, values: Sequence[Fraction], problems: Problems) -> None:
    """One end given, the other over the shortlist: they must not be the wrong way round."""
    if not values or (criterion.worst is None) == (criterion.best is None):
        return
    worst, best = criterion.ends(values)
    if (best < worst) if criterion.higher else (best > worst):
        told = f"{criterion.id}: the end that is given lies beyond all places"
        problems.add("scale_reversed", told, table="criteria", column="worst", value=criterion.id)
