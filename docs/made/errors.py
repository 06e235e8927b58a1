"""``ERRORS.md``: every problem that the service answers with."""

from __future__ import annotations

from api.catalogue import PROBLEMS
from docs.made.markdown import table

__all__ = ["errors_page"]

_HEAD = """# Problems the service answers with

Made by `python -m docs.build` from [`catalogue.py`](catalogue.py); do not edit. `GET /v1/problems` gives the same.

Every answer of 400 and above is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`,
`code`, `remedy`, `instance`, `request_id`, and where it applies `issues` (everything that is wrong, with place and
remedy), `limit`, `accepted`, `required_scope`, `retry_after_s`. Match on `code`: its meaning never changes.
Codes of `issues` in cases are those of [the readers](../optimizer/tables/CODES.md).

A case that has no plan is not a problem: the run succeeds and `solution` is `infeasible`.

"""


def errors_page() -> str:
    """The whole page."""
    kinds = sorted(PROBLEMS.values(), key=lambda k: (k.status, k.code))
    rows = [(f"`{k.code}`", k.status, k.title, k.remedy) for k in kinds]
    return _HEAD + table(("Code", "Status", "Meaning", "What to do"), rows)
