"""All drills by name, with where the fault was reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from benchmarks.drills import of_load, of_stores, of_workers

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.drills.site import Order
    from benchmarks.drills.tally import Row

__all__ = ["BOTH", "DRILLS", "Drill"]

BOTH: Final = ("postgres", "sqlite")
_DBOS: Final = "dbos-transact-py"


@dataclass(frozen=True)
class Drill:
    """A named drill.

    Parameters
    ----------
    name : str
    run : callable
    reported : str
        Where it was told of another system.
    stores : tuple of str
        Kinds of database on which it is done.
    """

    name: str
    run: Callable[[Order], Row]
    reported: str
    stores: tuple[str, ...] = BOTH

    @property
    def about(self) -> str:
        """What is done, a sentence."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


_ALL: Final = (
    Drill("worker-dead", of_workers.worker_dead, "any queue without leases"),
    Drill("postgres-restarted", of_stores.postgres_restarted, f"{_DBOS} #716", ("postgres",)),
    Drill("stale-recovery", of_workers.stale_recovery, f"{_DBOS} #742", ("postgres",)),
    Drill("rolling-restart", of_workers.rolling_restart, f"{_DBOS} #804"),
    Drill("between-steps", of_workers.between_steps, f"{_DBOS} #805"),
    Drill("connections-killed", of_stores.connections_killed, "poolers and administrators", ("postgres",)),
    Drill("pool-exhausted", of_stores.pool_exhausted, "many clients on one database", ("postgres",)),
    Drill("transaction-open", of_stores.transaction_open, "queues that slow down as dead rows pile up"),
    Drill("repeated-kills", of_workers.repeated_kills, "queues that count a lost try as done"),
    Drill("sqlite-second-server", of_stores.second_server_refused, f"{_DBOS} #541", ("sqlite",)),
    Drill("fairness", of_load.fairness, "one tenant's crowd before all others"),
    Drill("full-store", of_load.full_store, "queues that slow down as their history grows"),
    Drill("busy-cores", of_load.busy_cores, "queues that eat the machine they feed"),
)

DRILLS: Final = {drill.name: drill for drill in _ALL}
"""In the order in which they are done."""
