"""The targets, and what a results file says about each."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.resolve import FAMILY
from benchmarks.rows import TOLERANCE, Row
from benchmarks.trace import Point, reached

__all__ = ["TARGETS", "Target", "Verdict"]

ENGINE = "engine"
LOCATION = ("cflp_orlib", "sscflp_holmberg", "sscflp_delmaire", "sscflp_gadegaard")
GAP = ("gap_orlib", "gap_yagiura")
GROWTH = 1.15
GROWTH_GAP = 0.05
"""Proven gap to which the growth of time is measured."""
RESOLVE_SHARE = 0.1
MIN_SIZES = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was reached; ``met`` is ``None`` where nothing was run."""

    reached: str
    met: bool | None = None


NOT_RUN = Verdict("not run")


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table of targets."""

    work: str
    wanted: str
    judge: Callable[[list[Row]], Verdict]


FAILED = ("refused", "error")


def _of(rows: Iterable[Row], families: tuple[str, ...]) -> list[Row]:
    """The engine's rows, those where it failed too: they count as missed."""
    return [r for r in rows if r["family"] in families and r["backend"] == ENGINE]


def _peers(rows: Iterable[Row], families: tuple[str, ...]) -> list[Row]:
    """Rows of peers that could take the instance."""
    mine = (r for r in rows if r["family"] in families and r["backend"] != ENGINE)
    return [r for r in mine if r["stopped_by"] not in FAILED]


def _seconds(row: Row) -> float:
    """Seconds of a run; a failed one is charged its limit."""
    return float(row["limit_s"] if row["stopped_by"] in FAILED else row["time_total"])


def _longest(rows: list[Row]) -> dict[str, Row]:
    """Of each instance (and problem) the row with the longest limit."""
    out: dict[str, Row] = {}
    for r in sorted(rows, key=lambda r: float(r["limit_s"])):
        out[f"{r['instance']} {r['problem']}"] = r
    return out


def _incumbent_at(row: Row, seconds: float) -> float:
    held = [p[1] for p in row["trace"] if p[0] <= seconds and p[1] is not None]
    return float(held[-1]) if held else math.inf


def _percent(values: list[float]) -> str:
    return f"{min(values):.2%} to {max(values):.2%}" if len(values) > 1 else f"{values[0]:.2%}"


def _secretariat_peers(rows: list[Row]) -> Verdict:
    """Cheaper at 60 s than every peer at its end."""
    mine, better, compared = _longest(_of(rows, ("secretariat",))), 0, 0
    for name, row in mine.items():
        ran = [r for r in _peers(rows, ("secretariat",)) if f"{r['instance']} {r['problem']}" == name]
        if ran:
            compared += 1
            mine_at, theirs = _incumbent_at(row, 60.0), [r["objective"] for r in ran if r["objective"] is not None]
            better += math.isfinite(mine_at) and mine_at < min(theirs, default=math.inf)
    if not compared:
        return NOT_RUN
    return Verdict(f"cheaper on {better} of {compared} cases with peers", better == compared)


def _secretariat_gap(mark: int, most: float) -> Callable[[list[Row]], Verdict]:
    def judge(rows: list[Row]) -> Verdict:
        mine = _longest(_of(rows, ("secretariat",))).values()
        gaps = [r[f"gap_at_{mark}"] for r in mine if r["limit_s"] >= mark]
        if not gaps:
            return NOT_RUN
        if any(g is None for g in gaps):
            return Verdict(f"no gap on {sum(g is None for g in gaps)} of {len(gaps)} cases", False)
        return Verdict(f"{_percent(gaps)} ({len(gaps)} cases)", max(gaps) <= most)

    return judge


def _gap_distance(types: str, most: float) -> Callable[[list[Row]], Verdict]:
    def judge(rows: list[Row]) -> Verdict:
        mine = [r for r in _longest(_of(rows, GAP)).values() if r["best_known"] is not None]
        chosen = [r for r in mine if r["instance"][0] in types or (types == "*")]
        if not chosen:
            return NOT_RUN
        if all(r["stopped_by"] == "refused" for r in chosen):
            return Verdict(f"refused ({len(chosen)} instances)", False)
        away = [_distance_at(r, 60) for r in chosen]
        mean = sum(away) / len(away)
        return Verdict(f"mean {mean:.3%} ({len(away)} instances)", mean <= most)

    return judge


def _distance_at(row: Row, mark: int) -> float:
    """Distance at a mark, or at the end of a run that was shorter; 1 without a plan."""
    value = row[f"distance_at_{mark}"]
    value = row["distance_to_best_known"] if value is None and row["limit_s"] <= mark else value
    return 1.0 if value is None else max(0.0, float(value))


def _gap_peers(rows: list[Row]) -> Verdict:
    """Never worse than the best peer at equal limits."""
    worse, compared = 0, 0
    for row in _of(rows, GAP):
        peers = [r for r in _peers(rows, GAP) if _same(r, row) and r["objective"] is not None]
        if not peers:
            continue
        sense = -1 if row["problem"] == "gap-max" else 1
        best = min(sense * r["objective"] for r in peers)
        compared += 1
        mine = math.inf if row["objective"] is None else sense * row["objective"]
        worse += mine > best + TOLERANCE * abs(best)
    return Verdict(f"worse on {worse} of {compared}", worse == 0) if compared else NOT_RUN


def _same(a: Row, b: Row) -> bool:
    return all(a[k] == b[k] for k in ("family", "instance", "problem", "limit_s"))


def _location(rows: list[Row]) -> Verdict:
    """Known optimum found in 95 %, proven in 80 % at 60 s, total time below every peer's."""
    mine = list(_longest([r for r in _of(rows, LOCATION) if r["best_known"] is not None]).values())
    if not mine:
        return NOT_RUN
    found = [_distance_at(r, 60) <= TOLERANCE for r in mine]
    proven = [f and _proven_by(r, 60.0) for f, r in zip(found, mine, strict=True)]
    total = sum(_seconds(r) for r in mine)
    peers = _peer_totals(rows, mine)
    told = ", ".join(f"{b} {s:.0f} s" for b, s in peers.items()) or "no peers"
    share, sure = sum(found) / len(mine), sum(proven) / len(mine)
    met = share >= 0.95 and sure >= 0.8 and all(total < s for s in peers.values())
    return Verdict(f"found {share:.0%}, proven {sure:.0%} of {len(mine)}; engine {total:.0f} s, {told}", met)


def _proven_by(row: Row, seconds: float) -> bool:
    """Bound and plan together, by then or at an earlier end."""
    gap = row["gap_rel"] if row["time_total"] <= seconds else row["gap_at_60"]
    return gap is not None and gap <= TOLERANCE


def _peer_totals(rows: list[Row], mine: list[Row]) -> dict[str, float]:
    """Seconds of each peer that ran all of the engine's instances with the same limit."""
    out: dict[str, float] = {}
    for backend in sorted({r["backend"] for r in _peers(rows, LOCATION)}):
        theirs = [r for r in rows if r["backend"] == backend and any(_same(r, m) for m in mine)]
        if len(theirs) == len(mine):
            out[backend] = sum(_seconds(r) for r in theirs)
    return out


def _tbed1(rows: list[Row]) -> Verdict:
    mine = [r for r in _longest(_of(rows, ("sscflp_tbed1",))).values() if r["best_known"] is not None]
    if not mine:
        return NOT_RUN
    away = [_distance_at(r, 300) for r in mine]
    return Verdict(f"{_percent(away)} ({len(away)} instances)", max(away) <= 0.003)


def _large(name: str, gap: float, seconds: float, gigabytes: float) -> Callable[[list[Row]], Verdict]:
    def judge(rows: list[Row]) -> Verdict:
        mine = [r for r in _of(rows, ("scaling",)) if r["instance"] == name and r["limit_s"] <= seconds]
        if not mine:
            return NOT_RUN
        row = max(mine, key=lambda r: float(r["limit_s"]))
        memory = (row["peak_rss_mb"] or math.inf) / 1024
        if row["gap_rel"] is None:
            return Verdict(f"no gap in {row['limit_s']:.0f} s ({row['stopped_by']})", False)
        met = row["gap_rel"] <= gap and memory <= gigabytes
        return Verdict(f"{row['gap_rel']:.2%} in {row['time_total']:.0f} s, {memory:.1f} GB", met)

    return judge


def _resolve(rows: list[Row]) -> Verdict:
    """Warm seconds over cold seconds, to the gap that the cold run reached."""
    mine = list(_longest(_of(rows, (FAMILY,))).values())
    if not mine:
        return NOT_RUN
    told, met = [], True
    for r in mine:
        cold, warm = r["cold_s"], r["warm_s"]
        if not cold or warm is None:
            told.append(f"{r['instance']}: {'no cold plan with a bound' if not cold else 'gap not reached warm'}")
            met = False
            continue
        told.append(f"{r['instance']}: {warm / cold:.1%} of {cold:.3g} s to {r['target_gap']:.2%}")
        met &= warm <= RESOLVE_SHARE * cold
    return Verdict("; ".join(told), met)


def _growth(rows: list[Row]) -> Verdict:
    """Exponents of time to a fixed proven gap, time to the first plan, and memory over the sizes that were run."""
    mine = list(_longest(_of(rows, ("scaling",))).values())
    if len(mine) < MIN_SIZES:
        return NOT_RUN
    curves = {
        f"time to a gap of {GROWTH_GAP:.0%}": [(r["pairs"], time_to_gap(r, GROWTH_GAP)) for r in mine],
        "time to the first plan": [(r["pairs"], r["time_to_first"]) for r in mine],
        "memory": [(r["pairs"], r["peak_rss_mb"]) for r in mine],
    }
    told, met = [], True
    for name, points in curves.items():
        there = [(math.log(x), math.log(y)) for x, y in points if y]
        missing = f", {len(points) - len(there)} of {len(points)} sizes without" if len(there) < len(points) else ""
        if len(there) < MIN_SIZES:
            told.append(f"{name}: too few sizes{missing}")
            met = False
            continue
        power = slope([x for x, _ in there], [y for _, y in there])
        told.append(f"{name} pairs^{power:.2f}{missing}")
        met &= power <= GROWTH and not missing
    return Verdict(f"{'; '.join(told)} ({len(mine)} sizes)", met)


def time_to_gap(row: Row, wanted: float) -> float | None:
    """Seconds until the proven gap was at most so much; ``None`` = never."""
    return reached([Point(*p) for p in row["trace"]], wanted)


def slope(x: list[float], y: list[float]) -> float:
    """Least-squares slope."""
    mx, my = sum(x) / len(x), sum(y) / len(y)
    spread = sum((a - mx) ** 2 for a in x)
    return sum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / spread if spread else 0.0


TARGETS: tuple[Target, ...] = (
    Target("`secretariat` and variations", "at 60 s cheaper than every peer at 600 s", _secretariat_peers),
    Target("", "proven gap at 60 s ≤ 1 %", _secretariat_gap(60, 0.01)),
    Target("", "proven gap at 300 s ≤ 0.5 % (stretch 0.1 %)", _secretariat_gap(300, 0.005)),
    Target("Generalised assignment", "mean distance to best known at 60 s ≤ 0.1 %", _gap_distance("*", 0.001)),
    Target("", "types D and E ≤ 0.3 %", _gap_distance("de", 0.003)),
    Target("", "never worse than the best peer", _gap_peers),
    Target(
        "Single-source location up to 60 × 300",
        "optimum found ≥ 95 %, proven ≥ 80 % at 60 s; total time below every peer's",
        _location,
    ),
    Target("TBED1", "≤ 0.3 % of best known at 300 s", _tbed1),
    Target("10,000 × 12 × 40", "gap ≤ 2 % in 10 minutes, ≤ 4 GB", _large("10000x12x40", 0.02, 600.0, 4.0)),
    Target("50,000 × 20 × 60", "gap ≤ 3 % in 60 minutes, ≤ 16 GB", _large("50000x20x60", 0.03, 3600.0, 16.0)),
    Target("Re-solve after a change to one entity, warm", "≤ 10 % of the cold time to the same gap", _resolve),
    Target("Growth", "time and memory no faster than pairs^1.15", _growth),
)
