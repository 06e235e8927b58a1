"""A service at work, for one drill: a server and workers as processes, on a database and machines of their own."""

from __future__ import annotations

import contextlib
import secrets
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from api.settings import Settings
from api.store.engine import Store
from benchmarks.cases import packaged
from benchmarks.drills.books import Books
from benchmarks.drills.processes import FAKE, LISTENS, RIGS, TAKES_WORK, Process
from benchmarks.drills.waiting import until
from benchmarks.service import Connection, Service, ServiceFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from benchmarks.drills.cluster import Cluster
    from benchmarks.drills.machines import Machines
    from benchmarks.drills.scale import Scale

__all__ = ["FOLDER", "Order", "Site", "site"]

FOLDER: Final = "{folder}"
"""In a setting: the folder of the drill."""
LONG_S: Final = 600.0
"""Nothing here takes longer unless something is wrong."""


@dataclass(frozen=True)
class Order:
    """What a drill is done on.

    Parameters
    ----------
    scale : Scale
    workers : int
        On PostgreSQL; on SQLite the server's own is the only one.
    cluster : Cluster, optional
        A PostgreSQL server; none: SQLite.
    machines : Machines
        One more than workers.
    say : callable
        Told what goes on.
    """

    scale: Scale
    workers: int
    cluster: Cluster | None
    machines: Machines
    say: Callable[[str], None]

    @property
    def store(self) -> str:
        """Kind of the database."""
        return "sqlite" if self.cluster is None else "postgres"

    @property
    def hands(self) -> int:
        """Workers at work."""
        return self.workers if self.cluster else 1


class Site(Books):
    """The service of one drill.

    Parameters
    ----------
    order : Order
    folder : Path
        For logs and marks, and for the SQLite file.
    url : str
        Of an empty database.
    env : mapping of str
        More settings of server and workers.
    """

    def __init__(self, order: Order, folder: Path, url: str, env: Mapping[str, str]) -> None:
        scale = order.scale
        self.order, self.scale, self.folder, self.url = order, scale, folder, url
        self.key, self.port = secrets.token_urlsafe(40), _free_port()
        self.env = {
            "DESIGNATE_ADMIN_KEY": self.key,
            "DESIGNATE_HEARTBEAT_S": f"{scale.heartbeat_s}",
            "DESIGNATE_LEASE_S": f"{scale.lease_s}",
            "DESIGNATE_POLL_S": f"{scale.poll_s}",
            "DESIGNATE_MAX_REQUESTS_PER_S": "0",
            "DESIGNATE_MAX_OPEN_PLANS": "1000000",
            "RIG_CHILD": str(FAKE),
            **env,
        }
        super().__init__(Store(Settings(database_url=url).url))
        self.hands: list[Process] = []
        self._made: list[Process] = []

    @property
    def on_sqlite(self) -> bool:
        """Whether the server does the jobs itself."""
        return self.order.cluster is None

    @property
    def successor_at(self) -> int:
        """Number of a machine on which no worker was started."""
        return len(self.order.machines.each) - 1

    def start(self, rigs: Mapping[int, Mapping[str, str]]) -> None:
        """Start everything, workers at the same time."""
        self.server = self._launched(self._server(**(rigs.get(0, {}) if self.on_sqlite else {})))
        self.server.wait_ready()
        self.hands = [self.server]
        if not self.on_sqlite:
            self.hands = [self.launch(n, **rigs.get(n, {})) for n in range(self.order.workers)]
            for hand in self.hands:
                hand.wait_ready()

    def stop(self) -> None:
        """End everything that runs."""
        for process in self._made:
            process.kill()
        self.store.close()

    def launch(self, machine: int, **more: str) -> Process:
        """A new worker on a machine, by the machine's number, that starts; on SQLite a server with one inside."""
        if self.on_sqlite:
            return self._launched(self._server(**more))
        place = self.order.machines.each[machine]
        name = f"worker-{len(self._made)}"
        env = {
            **self.env,
            "DESIGNATE_DATABASE_URL": self.order.machines.reach(self.url),
            "RIG_HOST": place.name,
            "DESIGNATE_WORKER_NAME": name,
            **more,
        }
        log = place.folder / f"{self.folder.name}-{name}.log"
        return self._launched(Process(("worker",), self._named(env), log, TAKES_WORK, prefix=place.prefix))

    def lose(self, place: int, machine: int | None = None, **more: str) -> float:
        """Kill a worker and start its successor; when nothing was in the way of its jobs any more.

        Parameters
        ----------
        place : int
            Of the worker in ``hands``.
        machine : int, optional
            Of its successor; by default the same.
        **more
            Settings of its successor.
        """
        mine = "" if self.on_sqlite else self.name_of(self.hands[place])
        if self.hands[place].alive:
            self.wait(lambda: any(j.status == "running" and mine in j.worker for j in self.jobs()), "it is at a job")
        self.hands[place].kill()
        ended = time.time()
        self.hands[place] = self.launch(place if machine is None else machine, **more)
        self.hands[place].wait_ready()
        return time.time() if self.on_sqlite else ended

    def name_of(self, hand: Process) -> str:
        """A worker's id, as it has said it."""
        return next(line.split()[1] for line in hand.said if TAKES_WORK in line)

    def second_server(self) -> Process:
        """Another server on the same database and a port of its own, as the plain command, that starts."""
        env = {k: v for k, v in self._server().env.items() if not k.startswith(RIGS)}
        return self._launched(Process(("serve", "--port", "0"), env, self.folder / "second.log", LISTENS))

    def _server(self, **more: str) -> Process:
        env = {**self.env, "DESIGNATE_DATABASE_URL": self.url, **more}
        if not self.on_sqlite:  # without a worker there is nothing to rig
            env = {k: v for k, v in env.items() if not k.startswith(RIGS)}
        return Process(("serve", "--port", str(self.port)), self._named(env), self.folder / "server.log", LISTENS)

    def _named(self, env: Mapping[str, str]) -> dict[str, str]:
        return {name: value.replace(FOLDER, str(self.folder)) for name, value in env.items()}

    def _launched(self, process: Process) -> Process:
        self._made.append(process)
        process.launch()
        return process

    def connect(self) -> Connection:
        """A client's connection to the server."""
        return Connection(Service(self.port, 0, self.key))

    def case(self, line: Connection) -> str:
        """A small case in the store; its id."""
        made: dict[str, Any] = line.call("POST", "/cases?name=drill", dict(packaged("tiny").tables))
        return str(made["id"])

    def wait_ended(self, more: int) -> None:
        """Wait until so many more jobs have ended than have now.

        Raises
        ------
        ServiceFailed
        """
        wanted = (self.ended() or 0) + more
        if not until(lambda: (self.ended() or 0) >= wanted, LONG_S, 0.05):
            raise ServiceFailed(f"{self.ended()} jobs have ended, not {wanted}, after {LONG_S:.0f} s")

    def wait(self, condition: Callable[[], object], what: str, limit_s: float = LONG_S, pause_s: float = 0.05) -> None:
        """Wait for something that will come.

        Raises
        ------
        ServiceFailed
            It did not.
        """
        if not until(condition, limit_s, pause_s):
            raise ServiceFailed(f"not within {limit_s:.0f} s: {what}")

    def logged(self, words: str) -> bool:
        """Whether a worker's log of this drill holds the words."""
        return any(p.log.exists() and words in p.log.read_text(errors="replace") for p in self._made)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def site(
    order: Order, *, env: Mapping[str, str] | None = None, rigs: Mapping[int, Mapping[str, str]] | None = None
) -> Iterator[Site]:
    """A service that runs, on a database of its own; ended and gone afterwards.

    Parameters
    ----------
    env : mapping of str, optional
        More settings.
    rigs : mapping of int to mapping, optional
        What goes wrong, by number of the worker.

    Raises
    ------
    ServiceFailed
    """
    with tempfile.TemporaryDirectory(prefix="drill-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store' / 'designate.sqlite'}"
        if order.cluster is not None:
            url = stack.enter_context(order.cluster.database())
        held = Site(order, folder, url, env or {})
        stack.callback(held.stop)
        held.start(rigs or {})
        yield held
