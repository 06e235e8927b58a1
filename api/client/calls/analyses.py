"""Operations of the service: analyses. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.client.answers import PAGE, Answer, Caller, answer, pages
from api.client.wire import id_in_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Analyses"]


class Analyses(Caller):
    """Operations with the tag ``analyses``."""

    def list_baselines(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Baselines, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``BaselineOut``.
        """
        return pages(self._wire, "/v1/baselines", page_size)

    def create_baseline(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Freeze today's arrangement, or a plan, under a name. It never changes.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``BaselinePost``: ``name``, ``case``; if wanted ``plan``, ``revision``.

        Returns
        -------
        Answer
            ``BaselineOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``no_result``, ``no_plan_found``, ``document_removed``,
            ``reading_too_large``, ``unsupported_media_type``, ``idempotency_key_reused``, ``horizon_not_taken``,
            ``reading_too_long``.
        """
        return answer(self._wire.post("/v1/baselines", body=body, key=idempotency_key))

    def get_baseline(self, baseline_id: str) -> Answer:
        """A baseline without its document.

        Returns
        -------
        Answer
            ``BaselineOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/baselines/{id_in_path(baseline_id)}"))

    def get_baseline_document(self, baseline_id: str) -> Answer:
        """Assignments and cost of a baseline, as frozen.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/baselines/{id_in_path(baseline_id)}/document"))

    def get_baseline_savings(self, baseline_id: str, *, plan: str) -> Answer:
        """What a plan saves against a baseline.

        Returns
        -------
        Answer
            ``BaselineSavings``.

        Raises
        ------
        Refused
            ``not_found``, ``conflict``, ``no_result``, ``no_plan_found``, ``document_removed``,
            ``horizon_not_taken``.
        """
        query = {"plan": plan}
        return answer(self._wire.get(f"/v1/baselines/{id_in_path(baseline_id)}/savings", query=query))

    def list_comparisons(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Comparisons without their documents, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``ComparisonOut``.
        """
        return pages(self._wire, "/v1/comparisons", page_size)

    def create_comparison(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Compare two plans: what moved, what it costs, and why: data, rules, options or solver.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``ComparisonPost``: ``first_plan``, ``second_plan``.

        Returns
        -------
        Answer
            ``ComparisonOut``.

        Raises
        ------
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``no_result``, ``no_plan_found``, ``document_removed``,
            ``reading_too_large``, ``unsupported_media_type``, ``idempotency_key_reused``, ``horizon_not_taken``,
            ``reading_too_long``.
        """
        return answer(self._wire.post("/v1/comparisons", body=body, key=idempotency_key))

    def get_comparison(self, comparison_id: str) -> Answer:
        """A comparison.

        Returns
        -------
        Answer
            ``ComparisonOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/comparisons/{id_in_path(comparison_id)}"))

    def list_evaluations(self, *, page_size: int = PAGE) -> Iterator[dict[str, Any]]:
        """Lists that are priced, newest first.

        Returns
        -------
        Iterator[dict[str, Any]]
            ``EvaluationOut``.
        """
        return pages(self._wire, "/v1/evaluations", page_size)

    def create_evaluation(self, body: Mapping[str, Any], *, idempotency_key: str | None = None) -> Answer:
        """Price a hand-made list, or a plan with changes, by the model that makes plans, and check every rule: at
        once (201), or as a job (202) where the list is long or the workspace has enough being priced.

        Parameters
        ----------
        body : Mapping[str, Any]
            ``EvaluationPost``: if wanted ``assignments``, ``case``, ``changes``, ``name``, ``plan``, ``revision``.

        Returns
        -------
        Answer
            ``EvaluationOut``.

        Raises
        ------
        InputError
        Refused
            ``malformed_body``, ``not_found``, ``conflict``, ``no_result``, ``no_plan_found``, ``document_removed``,
            ``unsupported_media_type``, ``idempotency_key_reused``, ``horizon_not_taken``, ``too_many_plans``.
        """
        return answer(self._wire.post("/v1/evaluations", body=body, key=idempotency_key))

    def get_evaluation(self, evaluation_id: str) -> Answer:
        """A hand-made list and its price.

        Returns
        -------
        Answer
            ``EvaluationOut``.

        Raises
        ------
        Refused
            ``not_found``.
        """
        return answer(self._wire.get(f"/v1/evaluations/{id_in_path(evaluation_id)}"))

    def get_evaluation_document(self, evaluation_id: str) -> Answer:
        """The list as a ``designate.plan/1`` document: every cost, every rule checked.

        Raises
        ------
        Refused
            ``not_found``, ``no_result``.
        """
        return answer(self._wire.get(f"/v1/evaluations/{id_in_path(evaluation_id)}/document"))

    def get_plan_case(self, plan_id: str) -> Answer:
        """The very case that the plan answers: of its revision, with the limit of moves of its re-optimisation.
        ``designate verify`` checks the plan's document against it.

        Returns
        -------
        Answer
            ``CaseDocument``.

        Raises
        ------
        Refused
            ``not_found``, ``reading_too_large``, ``reading_too_long``.
        """
        return answer(self._wire.get(f"/v1/plans/{id_in_path(plan_id)}/case"))
