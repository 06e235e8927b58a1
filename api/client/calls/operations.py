"""Operations of the service: operations. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import Any

from api.client.answers import Answer, Caller, answer, answers

__all__ = ["Operations"]


class Operations(Caller):
    """Operations with the tag ``operations``."""

    def live(self) -> Answer:
        """The process answers.

        Returns
        -------
        Answer
            ``Health``.
        """
        return answer(self._wire.get("/health/live"))

    def ready(self) -> Answer:
        """The database answers and has the schema of this version.

        Returns
        -------
        Answer
            ``Health``.
        """
        return answer(self._wire.get("/health/ready"))

    def metrics(self) -> bytes:
        """Figures for Prometheus. With a key of the system: requests, queue, workers, solve time, gap, failures,
        deliveries; with another one: the queue and the deliveries of its workspace.
        """
        return self._wire.get("/metrics").content

    def whoami(self) -> Answer:
        """The caller as the service sees it.

        Returns
        -------
        Answer
            ``WhoAmI``.
        """
        return answer(self._wire.get("/v1/me"))

    def list_problems(self) -> list[dict[str, Any]]:
        """The error catalogue.

        Returns
        -------
        list[dict[str, Any]]
            ``ProblemKindOut``.
        """
        return answers(self._wire.get("/v1/problems"))
