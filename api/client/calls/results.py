"""Operations of the service: results. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Results"]


class Results(Caller):
    """Operations with the tag ``results``."""

    def list_assignments(
        self,
        plan_id: str,
        *,
        entity: str | None = None,
        service: str | None = None,
        provider: str | None = None,
        moved: bool | None = None,
        period: int | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Who serves what, with cost, distance, overlap and the runner-up of each. Over time a row is a stretch of
        periods with one provider, from ``from_period`` to ``until_period``.

        Parameters
        ----------
        moved : bool, optional
            Only those that change provider, or only the others.
        period : int, optional
            Of a plan over time: only what holds in this period.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        query = {"entity": entity, "service": service, "provider": provider, "moved": moved, "period": period}
        return pages(self._wire, f"/v1/plans/{id_in_path(plan_id)}/assignments", page_size, query, by="offset")

    def get_certificate(self, plan_id: str) -> Answer:
        """What the independent checker found; ``designate verify CASE plan.json`` repeats it offline.

        Returns
        -------
        Answer
            ``Certificate``.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/certificate"))

    def get_plan_document(self, plan_id: str) -> Answer:
        """The whole plan document, byte for byte what its hash stands for.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/document"))

    def list_findings(
        self,
        plan_id: str,
        *,
        severity: Literal["error", "warning", "info"] | None = None,
        code: str | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Coded warnings of the plan; for an infeasible case, which rules are in conflict and by how much.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        query = {"severity": severity, "code": code}
        return pages(self._wire, f"/v1/plans/{id_in_path(plan_id)}/findings", page_size, query, by="offset")

    def list_lines(
        self,
        plan_id: str,
        *,
        service: str | None = None,
        provider: str | None = None,
        period: int | None = None,
        page_size: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Lines in use: volume, capacity, tier, unit cost; over time a row for each period.

        Parameters
        ----------
        period : int, optional
            Of a plan over time: only what holds in this period.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        query = {"service": service, "provider": provider, "period": period}
        return pages(self._wire, f"/v1/plans/{id_in_path(plan_id)}/lines", page_size, query, by="offset")

    def get_report(self, plan_id: str) -> bytes:
        """The report as one HTML page that needs no network.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        return self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/report").content

    def get_savings(self, plan_id: str, *, baseline: str | None = None) -> Answer:
        """Cost, baseline and savings, term by term, by entity, provider and service; over time period by period. A
        stored baseline is of a case without a horizon, and compared with plans of such cases only.

        Parameters
        ----------
        baseline : str, optional
            A stored baseline to compare with, beside today's arrangement.

        Returns
        -------
        Answer
            ``SavingsOut``.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``conflict``, ``document_removed``,
            ``horizon_not_taken``.
        """
        query = {"baseline": baseline}
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/savings", query=query))

    def get_plan_table(self, plan_id: str, name: str) -> bytes:
        """One table as CSV; no cell can execute. ``waves``, ``cash_flow`` and ``staffing`` are of plans over time.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        return self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/tables/{id_in_path(name)}").content

    def explain_assignment(self, plan_id: str, *, entity: str, service: str) -> Answer:
        """Why one demand is served by whom: every provider, refused with what would lift that, or priced. No solve.
        Not for plans over time.

        Parameters
        ----------
        entity : str
            Id of the entity.
        service : str
            Id of the service.

        Returns
        -------
        Answer
            ``WhyOut``.

        Raises
        ------
        InputError
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``, ``horizon_not_taken``.
        """
        query = {"entity": entity, "service": service}
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/why", query=query))

    def get_plan_workbook(self, plan_id: str) -> bytes:
        """All tables as one workbook; no cell can execute.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``, ``no_plan_found``, ``document_removed``.
        """
        return self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/workbook").content
