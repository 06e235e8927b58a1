"""Everything Designate raises on purpose.

::

    DesignateError
    ├── InputError             bad tables, policy or plan; carries every issue found      exit 2
    ├── UsageError             the request itself makes no sense                          exit 2
    │   ├── OptionsRefused     options that make no sense; carries every one found            exit 2
    │   ├── StudyTooLarge      a question would take more solves than a study may         exit 2
    │   └── HorizonNotTaken    a case or plan with a horizon, where only steady ones go   exit 2
    ├── BackendError
    │   ├── BackendUnavailable the library behind a backend is not installed              exit 2
    │   ├── BackendRefused     the backend lacks a capability the request needs           exit 2
    │   └── BackendFailed      the child process crashed, hung or answered nonsense       exit 1
    └── VerificationFailed     a plan did not survive the independent check               exit 5
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from optimizer.domain.issues import Issue

__all__ = [
    "BackendError",
    "BackendFailed",
    "BackendRefused",
    "BackendUnavailable",
    "DesignateError",
    "HorizonNotTaken",
    "InputError",
    "OptionsRefused",
    "StudyTooLarge",
    "UsageError",
    "VerificationFailed",
]


class DesignateError(Exception):
    """Base class; ``code`` is stable and safe to match on."""

    code = "internal_error"


class InputError(DesignateError):
    """The input is wrong. ``issues`` holds *every* problem found, not the first."""

    code = "bad_input"

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        errors = [i for i in self.issues if i.severity == "error"]
        shown = "; ".join(str(i) for i in errors[:3])
        more = f" (and {len(errors) - 3} more)" if len(errors) > 3 else ""
        super().__init__(f"{len(errors)} problem(s) in the input: {shown}{more}")


class UsageError(DesignateError):
    """The request makes no sense whatever the input is."""

    code = "usage"


class OptionsRefused(UsageError):
    """Options make no sense. ``issues`` holds *every* problem found, each with its option and a way out."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(f"{i.message}: {i.remedy}" for i in self.issues))


class StudyTooLarge(UsageError):
    """A question would take more solves than a study may; ``place`` is its field, ``remedy`` what to do."""

    code = "study_too_large"

    def __init__(self, message: str, *, place: str, remedy: str) -> None:
        super().__init__(message)
        self.place, self.remedy = place, remedy


class HorizonNotTaken(UsageError):
    """A case with ``[horizon]``, or a plan of one, where only steady ones are taken."""

    code = "horizon_not_taken"


class BackendError(DesignateError):
    """A solver backend could not do its work."""

    code = "backend_error"


class BackendUnavailable(BackendError):
    """The library behind the backend is not installed."""

    code = "backend_unavailable"


class BackendRefused(BackendError):
    """The backend does not have a capability that the request needs.

    ``capability`` names what is missing (``work_limit``, ``warm_start``, ``size`` …) and
    ``alternatives`` the installed backends that have it.
    """

    code = "backend_refused"

    def __init__(self, message: str, capability: str = "", alternatives: Sequence[str] = ()) -> None:
        super().__init__(message, capability, tuple(alternatives))
        self.message = message
        self.capability = capability
        self.alternatives = tuple(alternatives)

    def __str__(self) -> str:
        return self.message


class BackendFailed(BackendError):
    """The child process crashed, was lost or answered nonsense."""

    code = "backend_failed"


class VerificationFailed(DesignateError):
    """A plan did not survive the independent check; it is never given out as good."""

    code = "verification_failed"
