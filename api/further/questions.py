"""Questions that are functions of their own in Python, as ``POST /v1/studies`` asks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal

from optimizer.domain.options import Options
from optimizer.studies.over_time.ask import OVER_TIME

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FURTHER", "Bos", "Range", "Replan", "Shares", "horizon_of", "question_of"]

Horizon = Literal["without", "with", "either"]

_PERIODS: Final = 120
_SAMPLES: Final = 100_000
_AGAIN: Final = 1000


def _least(**checked: tuple[int, int, int]) -> None:
    """Refuse what lies outside its limits, all at once: name = (value, least, most)."""
    _within(**checked).done()


def _within(**checked: tuple[int, int, int]) -> Options:
    """What lies outside its limits: name = (value, least, most)."""
    asked = Options()
    for name, (value, least, most) in checked.items():
        asked.number(name, value, least, most, whole=True)
    return asked


@dataclass(frozen=True, slots=True)
class Range:
    """What a plan that is held comes to when the figures behind it are uncertain."""

    kind: ClassVar[str] = "range"
    needs_plan: ClassVar[bool] = True
    horizon: ClassVar[Horizon] = "either"

    samples: int = field(default=1000, metadata={"help": "how many samples are drawn, from options.seed"})
    reoptimise: int = field(default=0, metadata={"help": "so many of the samples are solved again"})

    def check(self) -> None:
        """Refuse numbers that make no sense."""
        _least(samples=(self.samples, 1, _SAMPLES), reoptimise=(self.reoptimise, 0, min(self.samples, _AGAIN)))


@dataclass(frozen=True, slots=True)
class Replan:
    """A plan over time planned again: what is under way is committed, what slips comes later, changes are told."""

    kind: ClassVar[str] = "replan"
    needs_plan: ClassVar[bool] = True
    horizon: ClassVar[Horizon] = "with"

    until: int = field(
        default=0, metadata={"help": "last period that is under way: what the plan does up to it is committed"}
    )
    slip: int = field(default=0, metadata={"help": "period whose switches come later; 0: none does"})
    by: int = field(default=1, metadata={"help": "periods by which they slip"})
    entity: str = field(default="", metadata={"help": "of the slip: this client alone"})
    service: str = field(default="", metadata={"help": "of the slip: this service alone"})
    onto_revision: int | None = field(
        default=None, metadata={"help": "revision of the case to plan in place of the plan's own: figures have changed"}
    )

    def check(self) -> None:
        """Refuse periods that no horizon has."""
        asked = _within(until=(self.until, 0, _PERIODS), slip=(self.slip, 0, _PERIODS), by=(self.by, 1, _PERIODS))
        if not self.slip and (self.entity or self.service):
            asked.refuse("option_missing", "slip", "entity and service are of a slip", "say which period slips")
        asked.done()


@dataclass(frozen=True, slots=True)
class Shares:
    """What clients pay for a plan, beside what they and groups of them would pay by themselves."""

    kind: ClassVar[str] = "shares"
    needs_plan: ClassVar[bool] = True
    horizon: ClassVar[Horizon] = "without"

    price_list: Literal["provider", "universal", "own"] | None = field(
        default=None, metadata={"help": "the list that is compared; this and the next three default to the policy's"}
    )
    price_step: float | None = field(default=None, metadata={"help": "prices are whole multiples of it"})
    idle_by: Literal["unshared", "effort", "amount", "equal"] | None = field(
        default=None, metadata={"help": "how the cost of sites without work is shared"}
    )
    max_price_change_rel: float | None = field(
        default=None, metadata={"help": "share by which a price may change from the year before"}
    )
    players: Literal["entities", "regions", "organisations", "kinds"] | None = field(
        default=None, metadata={"help": "whose Shapley values; left out, who are at most 12"}
    )
    samples: int | None = field(
        default=None,
        metadata={"help": "draw so many orders of the players, from options.seed, instead of counting all"},
    )

    def check(self) -> None:
        """Refuse a number of orders that makes no sense."""
        if self.samples is not None:
            _least(samples=(self.samples, 1, 1_000_000))


@dataclass(frozen=True, slots=True)
class Bos:
    """Common services of the offices of one country: net benefit by year and office, who serves best."""

    kind: ClassVar[str] = "bos"
    needs_plan: ClassVar[bool] = False
    horizon: ClassVar[Horizon] = "with"


@dataclass(frozen=True, slots=True)
class BosCountries:
    """Common services of every country team of the reference table: a row for each country."""

    kind: ClassVar[str] = "bos_countries"
    needs_plan: ClassVar[bool] = False
    needs_case: ClassVar[bool] = False
    resumes: ClassVar[bool] = True
    horizon: ClassVar[Horizon] = "either"

    countries: tuple[str, ...] = field(default=(), metadata={"help": "alpha-2 codes; left out, every country team"})
    each_s: float = field(default=20.0, metadata={"help": "most seconds for one country"})

    def check(self) -> None:
        """Refuse countries without a team, and a limit that is none; all at once."""
        from data.builder.teams import country_codes

        asked, known = Options(), country_codes()
        unknown = sorted(set(self.countries) - set(known))
        if unknown:
            told = f"there is no country team for {', '.join(unknown)[:200]}"
            asked.refuse("option_not_offered", "countries", told, f"give some of {', '.join(known)}")
        asked.number("each_s", self.each_s, 1, 3600)
        asked.done()


FURTHER: Final[tuple[type[Any], ...]] = (Range, Replan, Shares, Bos, BosCountries)
"""Every such kind; a new one is a class here and a function in ``api.further.answers``."""

_KINDS: Final = {q.kind: q for q in FURTHER}


def question_of(kind: str, fields: Mapping[str, Any]) -> Any:
    """The question of such a kind, checked; ``None``: the kind is one of ``optimizer.studies``.

    Raises
    ------
    OptionsRefused
        It makes no sense whatever the case is.
    """
    asked = _KINDS.get(kind)
    if asked is None:
        return None
    made = asked(**{name: tuple(v) if isinstance(v, list) else v for name, v in fields.items()})
    if hasattr(made, "check"):
        made.check()
    return made


def horizon_of(kind: str) -> Horizon:
    """Which cases a kind of study takes: those without a horizon, with one, or either."""
    found = _KINDS.get(kind)
    if found is not None:
        wanted: Horizon = found.horizon
        return wanted
    return "either" if kind.replace("_", "-") in {k.replace("_", "-") for k in OVER_TIME} else "without"
