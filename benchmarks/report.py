"""A results file as a page: targets, one table for each family, plots, and where every figure comes from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.plots import PLOTS, draw
from benchmarks.rows import Row, distance, finish
from benchmarks.targets import TARGETS
from benchmarks.task import PEERS
from optimizer.files import write_text_atomic

if TYPE_CHECKING:
    from benchmarks.task import Task

__all__ = ["render", "summary", "write_report"]

NOT_RUN = "not run"
Key = tuple[str, str, str]


def write_report(
    rows: Sequence[Row], tasks: Sequence[Task], folder: Path, forms: Sequence[str] = ("svg", "png")
) -> list[Path]:
    """Write ``report.md`` and the plots that the rows allow.

    Parameters
    ----------
    rows : sequence of dict
        From ``results.json``.
    tasks : sequence of Task
        What should have been run; missing cells are shown as ``not run``.
    folder : Path
    forms : sequence of str
        Of each plot; the page shows the SVG.

    Returns
    -------
    list of Path
        The page first, then the plots.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plots: list[tuple[str, Path]] = []
    done = finish(rows)
    for name, (title, make) in PLOTS.items():
        chart = make(done)
        if chart is not None:
            plots += [(title, p) for p in draw(chart, folder / name, forms)]
    page = folder / "report.md"
    write_text_atomic(page, render(done, tasks, [(t, p.name) for t, p in plots if p.suffix == ".svg"]))
    return [page, *(p for _, p in plots)]


def render(rows: Sequence[Row], tasks: Sequence[Task] = (), plots: Sequence[tuple[str, str]] = ()) -> str:
    """The page as Markdown."""
    parts = ["# Benchmark results", "", *_origin(rows), "", "## Targets", "", *_targets(rows)]
    for title, file in plots:
        parts += ["", f"## {title}", "", f"![{title}]({file})"]
    families = dict.fromkeys([t.family for t in tasks] + [r["family"] for r in rows])
    for family in families:
        parts += ["", f"## {family}", "", *_family(family, rows, tasks)]
    parts += ["", "## How to read it", "", *_legend()]
    return "\n".join(parts) + "\n"


def summary(rows: Sequence[Row], tasks: Sequence[Task], plots: Sequence[str], folder: str) -> str:
    """Origin, targets and plots as Markdown, for a page that stands beside ``folder``."""
    missing = _missing(rows, tasks)
    cells = sum(len(t.limits) for t in tasks)
    told = f"{cells - missing} of {cells} cells were run, {missing} not." if tasks else f"{len(rows)} cells were run."
    parts = [*_origin(rows), "", f"{told} All rows and tables: [{folder}/report.md]({folder}/report.md).", ""]
    parts += _targets(rows)
    titles = {f"{name}.svg": title for name, (title, _) in PLOTS.items()}
    for file in plots:
        parts += ["", f"![{titles[file]}]({folder}/{file})"]
    return "\n".join(parts) + "\n"


def _missing(rows: Sequence[Row], tasks: Sequence[Task]) -> int:
    """Cells of the tasks without a row."""
    there = {(r["family"], r["instance"], r["problem"], r["backend"]) for r in rows}
    return sum((t.family, t.instance, t.kind, b) not in there for t in tasks for b in t.limits)


def _origin(rows: Sequence[Row]) -> list[str]:
    """Machine, versions, seeds, threads and limits of all rows."""
    if not rows:
        return ["No rows."]
    machines = _distinct(rows, lambda r: _machine(r["machine"]))
    libraries = sorted({f"{n} {v}" for r in rows for n, v in (r["versions"] or {}).items()})
    limits = sorted({float(r["limit_s"]) for r in rows})
    seeds = _distinct(rows, lambda r: str(r["seed"]))
    threads = sorted({f"{r['backend']} {r['threads']}" for r in rows})
    return [
        "| | |",
        "|---|---|",
        f"| Machine | {'; '.join(machines)} |",
        f"| Versions | {', '.join(libraries)} |",
        f"| Limits | {', '.join(f'{s:g}' for s in limits)} s |",
        f"| Seed | {', '.join(seeds)} |",
        f"| Threads | {', '.join(threads)} |",
        f"| Rows | {len(rows)}, of which verified {sum(r['verified'] is True for r in rows)},"
        f" refuted {sum(r['verified'] is False for r in rows)} |",
    ]


def _machine(m: dict[str, Any] | None) -> str:
    if not m:
        return "unknown"
    cores = f"{m['cores']} cores, {m['threads']} hardware threads, {m['memory_gb']} GB"
    return f"{m['processor']}, {cores}, {m['system']}, Python {m['python']}"


def _distinct(rows: Sequence[Row], what: Callable[[Row], str]) -> list[str]:
    return list(dict.fromkeys(what(r) for r in rows))


def _targets(rows: Sequence[Row]) -> list[str]:
    out = ["| Work | Target | Reached | |", "|---|---|---|---|"]
    for target in TARGETS:
        verdict = target.judge(list(rows))
        mark = {True: "met", False: "missed", None: ""}[verdict.met]
        out.append(f"| {target.work} | {target.wanted} | {verdict.reached} | {mark} |")
    return out


def _family(family: str, rows: Sequence[Row], tasks: Sequence[Task]) -> list[str]:
    """One line for each instance, one column for each backend."""
    mine = [r for r in rows if r["family"] == family]
    wanted: dict[Key, dict[str, float]] = {}
    for t in tasks:
        if t.family == family:
            wanted.setdefault((t.instance, t.kind, ""), {}).update(t.limits)
    for r in mine:
        wanted.setdefault((r["instance"], r["problem"], ""), {}).setdefault(r["backend"], r["limit_s"])
    backends = _ordered({b for limits in wanted.values() for b in limits})
    out = [f"| Instance | Best known | {' | '.join(backends)} |", f"|---|---|{'---|' * len(backends)}"]
    for (instance, kind, _), limits in wanted.items():
        here = [r for r in mine if (r["instance"], r["problem"]) == (instance, kind)]
        cells = [_cell([r for r in here if r["backend"] == b], b in limits) for b in backends]
        name = instance if kind != "gap-max" else f"{instance} (max)"
        out.append(f"| {name} | {_known(here)} | {' | '.join(cells)} |")
    return out


def _ordered(found: set[str]) -> list[str]:
    return [b for b in PEERS if b in found] + sorted(found - set(PEERS))


def _known(rows: list[Row]) -> str:
    """Best known value; without one the best plan of these rows, in italics."""
    for row in rows:
        if row["best_known"] is not None:
            mark = "" if row["best_known_status"] == "optimal" else " *"
            return f"{row['best_known']:,.10g}{mark}"
    reference = next((r["reference"] for r in rows if r["reference"] is not None), None)
    return "" if reference is None else f"*{reference:,.0f}*"


def _cell(rows: list[Row], wanted: bool) -> str:
    """Distance, gap, seconds and memory of a cell; the longest limit when there are several."""
    if not rows:
        return NOT_RUN if wanted else ""
    row = max(rows, key=lambda r: float(r["limit_s"]))
    if row["stopped_by"] in ("refused", "error"):
        return f"{row['stopped_by']}"
    took = f"{row['time_total']:.3g} s" + (f", {row['peak_rss_mb']:.0f} MB" if row["peak_rss_mb"] else "")
    if row["objective"] is None:
        bound = "" if row["best_bound"] is None else f", bound {row['best_bound']:,.0f}"
        return f"{'no plan' if row['verified'] is None else 'plan refuted'}{bound}; {took}"
    if row.get("cold_s"):
        warm = "not reached" if row["warm_s"] is None else f"{row['warm_s']:.3g} s"
        return f"gap {row['target_gap']:.2%}: cold {row['cold_s']:.3g} s, warm {warm}"
    sense = -1 if row["problem"] == "gap-max" else 1
    away = distance(row["objective"], row["reference"], sense) or 0.0
    gap = "no bound" if row["gap_rel"] is None else f"gap {row['gap_rel']:.2%}"
    doubt = "" if row["bound_ok"] in (True, None) else " (bound refuted)"
    return f"{away:+.3%}, {gap}{doubt}; {took}"


def _legend() -> list[str]:
    return [
        "A cell shows the distance of the verified plan from the best known value (where none is known, from the best",
        "verified plan of all rows, in italics), the proven gap (objective − bound) / |objective|, the seconds of the",
        "run and the peak memory of the solver's process. `*` marks values that are best known but not proven.",
        "`not run`: part of the suite, but there is no row. `refused`: the backend says that it cannot take it.",
    ]
