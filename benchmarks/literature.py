"""Literature files as the same problem arrays as any case.

One service, one entity for each customer, one provider for each facility. Serving cost is a
cost of the pair (term ``distance``); a facility's fixed cost and capacity stand on its line, so
that the program reads Σ v x ≤ capacity · y with x ≤ y. For medians the number of open sites is
limited and capacities stand on the sites, so that Σ v x ≤ capacity · o. At most p medians is the
same as exactly p: one more open median never costs anything, it can serve itself for nothing.
Generalised assignment uses ``Pairs.volume``, because what a job takes depends on the agent; a
maximum is solved as a minimum of (largest profit − profit).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.check import judge_assignment
from benchmarks.instance import Instance, Judgement, Scale
from benchmarks.layouts import KINDS, Raw, layout_of, read_raw
from optimizer.domain.errors import UsageError
from optimizer.domain.names import REFUSALS
from optimizer.model.parts import Lines, Pairs, Scalars, Sites
from optimizer.model.problem import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from optimizer.model.parts import Choice

__all__ = ["file_of", "kinds_of", "load", "to_problem"]

_OWN_NOT_GIVEN = np.uint32(1 << list(REFUSALS).index("own_not_given"))
_TOO_LARGE = np.uint32(1 << list(REFUSALS).index("not_offered"))


def kinds_of(family: str) -> tuple[str, ...]:
    """Problems that the files of a family may be read as; empty when its layout is not known."""
    layout = layout_of(family)
    return () if layout is None else KINDS.get(layout, ("sscflp",))


def file_of(folder: Path, name: str) -> tuple[Path, float | None]:
    """File of an instance and the capacity in its name: ``capa_8000`` is ``capa.txt`` with 8000."""
    plain = folder / f"{name}.txt"
    stem, _, number = name.rpartition("_")
    if plain.is_file() or not stem or not (folder / f"{stem}.txt").is_file():
        return plain, None
    try:
        return folder / f"{stem}.txt", float(number)
    except ValueError:
        return plain, None


def load(folder: Path, family: str, name: str, kind: str) -> Instance:
    """Read one instance.

    Parameters
    ----------
    folder : Path
        Where ``<name>.txt`` is.
    family, name, kind : str
        Kind as in ``kinds_of(family)``.

    Raises
    ------
    UsageError
        No such file, or not of its family's layout.
    """
    layout = layout_of(family)
    if layout is None or kind not in kinds_of(family):
        raise UsageError(f"{family}: no layout reads it as {kind}")
    path, capacity = file_of(folder, name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None
    raw = read_raw(text, layout, path.name, capacity)
    scale = Scale()
    if kind == "gap-max":
        top, n = float(raw.cost.max()), raw.cost.shape[1]
        raw = Raw(top - raw.cost, raw.take, raw.fixed, raw.capacity)
        scale = Scale(-1, n * top)

    def judge(choice: Choice) -> Judgement:
        return judge_assignment(text, layout, choice.provider.tolist(), capacity)

    return Instance(family, name, kind, to_problem(raw), judge, scale)


def to_problem(raw: Raw) -> Problem:
    """Arrays of a location or assignment problem."""
    m, n = raw.cost.shape
    take = np.broadcast_to(raw.take, (m, n))
    depends = raw.take.ndim == 2
    volume = np.maximum(take.mean(axis=0), 1e-6)
    fits = np.isfinite(raw.cost) & (take <= raw.capacity[:, None])
    refusals = np.full((n, m + 1), _OWN_NOT_GIVEN, np.uint32)
    refusals[:, :m] = np.where(fits.T, np.uint32(0), _TOO_LARGE)
    return Problem(
        entity_ids=_ids("c", n),
        service_ids=("s",),
        provider_ids=_ids("f", m),
        demand_entity=np.arange(n),
        demand_service=np.zeros(n, np.int64),
        volume=volume,
        minutes=volume.copy(),
        effort_fte=volume.copy(),
        critical=np.zeros(n, np.bool_),
        bundle=np.full(n, -1),
        current=np.full(n, -1),
        locked=np.full(n, -1),
        reference=np.zeros(1),
        refusals=refusals,
        today_refusals=np.zeros(n, np.uint32),
        distance_km=np.zeros((n, m)),
        overlap_hours=np.zeros((n, m)),
        overlap_hours_worst=np.zeros((n, m)),
        pairs=_pairs(raw.cost, fits, take if depends else None),
        lines=_lines(raw),
        sites=_sites(raw),
        scalars=_scalars(raw.sites),
    )


def _ids(letter: str, count: int) -> tuple[str, ...]:
    """Names in the order of the numbers."""
    width = len(str(count))
    return tuple(f"{letter}{i + 1:0{width}d}" for i in range(count))


def _pairs(cost: NDArray[np.float64], fits: NDArray[np.bool_], take: NDArray[np.float64] | None) -> Pairs:
    demand, provider = np.nonzero(fits.T)
    size = len(demand)
    zeros = np.zeros(size)
    return Pairs(
        start=np.searchsorted(demand, np.arange(cost.shape[1] + 1)),
        demand=demand,
        provider=provider,
        own=zeros,
        distance=np.ascontiguousarray(cost[provider, demand]),
        overlap=zeros,
        language=zeros,
        transition=zeros,
        one_off=zeros,
        is_move=np.zeros(size, np.bool_),
        exempted=np.zeros(size, np.uint32),
        volume=None if take is None else np.ascontiguousarray(take[provider, demand]),
    )


def _lines(raw: Raw) -> Lines:
    m = len(raw.fixed)
    return Lines(
        provider=np.arange(m),
        service=np.zeros(m, np.int64),
        capacity=raw.capacity.copy() if raw.sites is None else np.full(m, np.inf),
        min_volume=np.zeros(m),
        fixed_cost=raw.fixed.copy(),
        tier_start=np.arange(m + 1),
        tier_from=np.zeros(m),
        tier_cost=np.zeros(m),
        first_unit_cost=np.zeros(m),
        index=np.arange(m).reshape(m, 1),
    )


def _sites(raw: Raw) -> Sites:
    m = len(raw.fixed)
    no, zeros = np.zeros(m, np.bool_), np.zeros(m)
    return Sites(
        capacity_minutes=np.full(m, np.inf) if raw.sites is None else raw.capacity.copy(),
        min_minutes=zeros,
        fixed_cost=zeros,
        setup=zeros,
        setup_one_off=zeros,
        is_candidate=no,
        is_required=no,
        is_secretariat=np.ones(m, np.bool_),
        is_closed=no,
        country=np.zeros(m, np.int64),
        zone=np.zeros(m, np.int64),
    )


def _scalars(sites: int | None) -> Scalars:
    return Scalars(
        interface_cost=0.0,
        handover_cost=0.0,
        max_providers_per_entity=None,
        bundle_together=False,
        agency_share_max=None,
        site_min=None,
        site_max=sites,
        zones=False,
        backup=False,
        max_moves=None,
        one_off_budget=None,
        dispersion_loss=(),
        annuity=1.0,
        allow_unserved=False,
    )
