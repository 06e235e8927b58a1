"""Do drills, one after the other, and tell what came of each."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.drills.cluster import cluster
from benchmarks.drills.machines import machines
from benchmarks.drills.registry import DRILLS
from benchmarks.drills.scale import SCALES
from benchmarks.drills.site import Order
from benchmarks.drills.tally import Check, Row
from benchmarks.machine import machine, versions
from benchmarks.service import ServiceFailed
from optimizer.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.drills.registry import Drill

__all__ = ["STORES", "chosen", "run"]

STORES: Final = ("postgres", "sqlite")


def chosen(store: str, only: Sequence[str]) -> list[Drill]:
    """Drills to do on a store, in their order.

    Parameters
    ----------
    store : str
        ``postgres`` or ``sqlite``.
    only : sequence of str
        Names; none: all that there are for the store.

    Raises
    ------
    UsageError
        A name is not known, or its drill makes no sense on the store.
    """
    if store not in STORES:
        raise UsageError(f"no store {store!r}; choose one of {', '.join(STORES)}")
    unknown = [n for n in only if n not in DRILLS]
    if unknown:
        raise UsageError(f"no drill {', '.join(map(repr, unknown))}; choose of {', '.join(DRILLS)}")
    strange = [n for n in only if store not in DRILLS[n].stores]
    if strange:
        raise UsageError(f"{', '.join(strange)}: not on {store}, only on {', '.join(DRILLS[strange[0]].stores)}")
    return [d for d in DRILLS.values() if store in d.stores and (not only or d.name in only)]


def run(
    drills: Sequence[Drill],
    store: str,
    *,
    workers: int = 4,
    scale: str = "full",
    note: str = "",
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Do drills.

    Parameters
    ----------
    drills : sequence of Drill
        See ``chosen``.
    store : str
    workers : int
        On PostgreSQL; a SQLite file has one.
    scale : str
        Of ``SCALES``.
    note : str
        What else ran on the machine.
    say : callable
        Told what goes on.

    Returns
    -------
    dict
        ``began``, ``machine``, ``versions``, ``scale``, ``apart`` (how far workers are apart), ``note``, and ``rows``,
        one for each drill.

    Raises
    ------
    UsageError
        PostgreSQL is not installed, or there is no such scale.
    """
    if scale not in SCALES:
        raise UsageError(f"no scale {scale!r}; choose one of {', '.join(SCALES)}")
    began = datetime.now().astimezone().isoformat(timespec="seconds")
    with _order(store, workers, scale, say) as order:
        rows = [_done(drill, order).as_dict() for drill in drills]
        apart = order.machines.kind if store == "postgres" else "one process"
    return {
        "began": began,
        "machine": machine(),
        "versions": versions("engine"),
        "scale": scale,
        "sizes": asdict(SCALES[scale]),
        "apart": apart,
        "note": note,
        "rows": rows,
    }


@contextlib.contextmanager
def _order(store: str, workers: int, scale: str, say: Callable[[str], None]) -> Iterator[Order]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="drills-")))
        apart = stack.enter_context(machines(workers + 1 if store == "postgres" else 0, folder))
        held = stack.enter_context(cluster(apart.address)) if store == "postgres" else None
        yield Order(SCALES[scale], workers, held, apart, say)


def _done(drill: Drill, order: Order) -> Row:
    """One drill; one that comes to no end is a promise not kept, and the others are done all the same."""
    order.say(f"{drill.name} on {order.store}: {drill.about}")
    try:
        row = drill.run(order)
    except ServiceFailed as error:
        order.say(f"  broke off: {error}")
        row = Row(
            drill.name, order.store, order.hands, 0.0, (Check(f"comes to its end: {error}"[:300], 0, 1, at_most=False),)
        )
    for check in row.checks:
        order.say(f"  {'kept  ' if check.kept else 'MISSED'} {check.what}: {check.found:g} {check.unit}".rstrip())
    return row
