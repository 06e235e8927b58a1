"""Whoever submits jobs during a drill, and never gives up one: a client as the service asks for."""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from benchmarks.drills.site import Site
    from benchmarks.service import Connection

__all__ = ["Feeder"]

_PAUSE_S: Final = 0.05
_ACCEPTED: Final = 202
_REPEAT: Final = (429, 503, 507)


class Feeder:
    """Keeps a number of jobs open; repeats what was not answered, with the same ``Idempotency-Key``.

    Parameters
    ----------
    site : Site
    backlog : int
        Jobs open at any time.

    Attributes
    ----------
    accepted : list of str
        Ids of acknowledged jobs.
    refused : list of str
        Answers that are neither an acknowledgement nor ask to come again.
    """

    def __init__(self, site: Site, backlog: int) -> None:
        self._site, self._backlog = site, backlog
        self.accepted: list[str] = []
        self.refused: list[str] = []
        self._stopping = threading.Event()
        self._marks = site.folder / "marks"
        with site.connect() as line:
            self._case = site.case(line)
        self._thread = threading.Thread(target=self._feed, name="feeder")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Submit no more, and wait for the answer to the last."""
        self._stopping.set()
        self._thread.join()

    def begun(self) -> Counter[str]:
        """How often each job was begun, by its name."""
        return self._told("began")

    def solved(self) -> Counter[str]:
        """How often each job was solved to its end, by its name."""
        return self._told("ended")

    def _told(self, what: str) -> Counter[str]:
        file = self._marks.with_suffix(f".{what}")
        return Counter(file.read_text().splitlines()) if file.exists() else Counter()

    def _feed(self) -> None:
        number = 0
        with self._site.connect() as line:
            while not self._stopping.is_set():
                ended = self._site.ended()
                open_now = self._backlog if ended is None else len(self.accepted) - ended
                if open_now >= self._backlog:
                    self._stopping.wait(_PAUSE_S)
                else:
                    number += 1
                    self._submit(line, number)

    def _submit(self, line: Connection, number: int) -> None:
        """Submit one until it is answered."""
        name = f"job={number} mark={self._marks}.began for={self._site.scale.job_s} mark={self._marks}.ended"
        key = {"Idempotency-Key": f"drill-{number}"}
        while True:
            try:
                status, answer = line.send_json("POST", "/plans", {"case": self._case, "name": name}, key)
            except (OSError, http.client.HTTPException):  # no answer: the server, or the way to it, is gone
                line.close()
            else:
                if status == _ACCEPTED:
                    self.accepted.append(answer["id"])
                    return
                if status not in _REPEAT:
                    self.refused.append(f"{status} {answer}")
                    return
            if self._stopping.wait(_PAUSE_S):
                return
