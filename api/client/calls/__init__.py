"""Every operation of the service. Written by ``python -m docs.build``; not by hand."""

from __future__ import annotations

from api.client.calls.administration import Administration
from api.client.calls.analyses import Analyses
from api.client.calls.cases import Cases
from api.client.calls.decisions import Decisions
from api.client.calls.drafts import Drafts
from api.client.calls.events import Events
from api.client.calls.examples import Examples
from api.client.calls.jobs import Jobs
from api.client.calls.ledgers import Ledgers
from api.client.calls.money import Money
from api.client.calls.objections import Objections
from api.client.calls.operations import Operations
from api.client.calls.plan_states import PlanStates
from api.client.calls.plans import Plans
from api.client.calls.results import Results
from api.client.calls.schedules import Schedules
from api.client.calls.studies import Studies
from api.client.calls.validations import Validations
from api.client.calls.webhooks import Webhooks

__all__ = ["Calls"]


class Calls(
    Administration,
    Analyses,
    Cases,
    Decisions,
    Drafts,
    Events,
    Examples,
    Jobs,
    Ledgers,
    Money,
    Objections,
    Operations,
    PlanStates,
    Plans,
    Results,
    Schedules,
    Studies,
    Validations,
    Webhooks,
):
    """Every operation of the service, by its operation id.

    Parameters of the path come first, then the body, as a mapping (or bytes, where it may be a file); those of the
    query are keywords. A list that the service pages is an iterator over all of it, which asks for the next page, of
    ``page_size`` items, when it is needed. Other JSON is returned as it came; what is no JSON, as bytes. Names like
    ``PlanOut`` are schemas of the description, which the service shows at ``/openapi.json``.

    A request that got no answer is sent again and happens once: each call of a POST has an ``Idempotency-Key`` of
    its own. Give ``idempotency_key`` to repeat a call that was itself interrupted.

    Raises
    ------
    UsageError
        What was given is no id; nothing was sent.
    Refused
        The service does not do this; ``code`` says why. Methods tell the codes that are theirs; every one may meet
        ``body_too_large``, ``forbidden``, ``invalid_request``, ``nested_too_deep``, ``no_access``,
        ``request_timeout``, ``too_many_requests``, ``unauthenticated``.
    InputError
        A case, or what would change it, has errors: all of them.
    Unreachable, Absent
        No answer after all tries, or none that makes sense.
    """
