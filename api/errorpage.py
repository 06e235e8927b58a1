"""Write ``ERRORS.md`` from the catalogue: ``python -m api.errorpage``."""

from __future__ import annotations

from pathlib import Path

from api.catalogue import PROBLEMS

__all__ = ["page"]

HEAD = """# Problems the service answers with

Generated from [`catalogue.py`](catalogue.py) (`python -m api.errorpage`); `GET /v1/problems` gives the same.

Every answer of 400 and above is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`,
`code`, `remedy`, `instance`, `request_id`, and where it applies `issues` (everything that is wrong, with place and
remedy), `limit`, `accepted`, `required_scope`, `retry_after_s`. Match on `code`: its meaning never changes.
Codes of `issues` in cases are those of [the readers](../optimizer/tables/CODES.md).

A case that has no plan is not a problem: the run succeeds and `solution` is `infeasible`.

| Code | Status | Meaning | What to do |
|---|---|---|---|
"""


def page() -> str:
    """The page as it stands under version control."""
    kinds = sorted(PROBLEMS.values(), key=lambda k: (k.status, k.code))
    return HEAD + "".join(f"| `{k.code}` | {k.status} | {k.title} | {k.remedy} |\n" for k in kinds)


if __name__ == "__main__":
    Path(__file__).with_name("ERRORS.md").write_text(page(), encoding="utf-8")
