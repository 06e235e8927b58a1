"""Studies of service centres that the Joint Inspection Unit printed, rebuilt: what they put in, what came out."""

from __future__ import annotations

from datetime import date

from data.builder.assumptions import entry, remark
from data.builder.centres import (
    add_line,
    choice,
    notes,
    office,
    posts,
    service_of_posts,
    site,
    study_policy,
    today_own,
)
from data.builder.figures import figure, value
from data.builder.policy import Policy
from data.builder.small import entity, tables_of
from data.tables import Row, Tables, num

__all__ = ["fao_2006", "unhcr_2007", "wfp_2007", "who_2008"]

JIU = "JIU/REP/2009/6"
CHANGE_ME = "put another place here to see what its study printed"

MIX_UNHCR = {"D": 2, "P": 56, "NPO": 25, "FS": 5, "GS": 106}
MIX_FAO = {"P": 9, "GS": 86}
MIX_WHO = {"D": 1, "P": 26, "NPO": 31, "GS": 133}
"""Posts of the three centres by category, as printed in table 5."""


def unhcr_2007() -> tuple[Tables, Policy]:
    """Return four cities for the work of one centre over ten years: twelve printed figures from six calibrated ones."""
    cities, work = ("BUH", "BUD", "MAA", "KUL"), "administration"
    tables = _one_office("UNHCR", "Geneva", work, cities, {"GS": 93, "P": 36}, MIX_UNHCR)
    setup = num(value("unhcr.one_off"))
    tables["providers"] = [site(c, "UNHCR", setup_cost=setup) for c in cities]
    loss, home, size = (value(f"unhcr.{name}") for name in ("start_up_loss", "home_cost", "posts"))
    for city in cities:
        gap = value(f"unhcr.gap.{city}")
        add_line(tables, city, work, home - (1 - loss) * gap / size)
        tables["paths"].append(_settled(city, work, home - gap / size))
    tables["decisions"] = [choice("BUD", f"the place that was chosen; {CHANGE_ME}")]
    policy = study_policy(date(2008, 1, 1), "year", 10, transition=None)
    tables["assumptions"] = [
        *_one_office_notes(tables, policy, "UNHCR", "unhcr", "posts by category of the centre; before: 93 and 36 cut"),
        *(_priced(c, work, f"unhcr.gap.{c}") for c in cities),
        *(entry("providers", c, "setup_cost", figure("unhcr.one_off")) for c in cities),
    ]
    return tables, policy


def wfp_2007() -> tuple[Tables, Policy]:
    """Return six countries for the work of one centre over six years, as the study compared them."""
    cities, work = ("MNL", "KUL", "DEL", "PRY", "BUD", "PRG"), "administration"
    tables = _one_office("WFP", "Rome", work, cities, {"GS": 1}, {"GS": 1})
    tables["providers"] = [site(c, "WFP") for c in cities]
    for city in cities:
        add_line(tables, city, work, value("wfp.home_cost") - value(f"wfp.gap.{city}") / value("wfp.posts"))
    tables["decisions"] = [choice("DEL", f"where its first services went; {CHANGE_ME}")]
    policy = study_policy(date(2007, 1, 1), "year", 6)
    counts = "general service posts alone: the study prints none"
    tables["assumptions"] = [
        *_one_office_notes(tables, policy, "WFP", "wfp", counts, "assumed"),
        *(_priced(c, work, f"wfp.gap.{c}") for c in cities),
    ]
    return tables, policy


def _one_office(
    name: str, seat: str, work: str, cities: tuple[str, ...], before: dict[str, int], after: dict[str, int]
) -> Tables:
    """Return a headquarters that does one kind of work itself."""
    tables, known = tables_of(), name.lower()
    size, home = value(f"{known}.posts"), value(f"{known}.home_cost")
    tables["entities"] = [_client(name, f"{name} headquarters", seat, value(f"{known}.heads"), name)]
    tables["services"] = [service_of_posts(work, "Administration that may move")]
    tables["demands"] = [office(name, work, size, home)]
    tables["current"] = today_own(tables["demands"])
    tables["paths"] = []
    tables["staffing"] = [*posts(["OWN"], before), *posts(list(cities), after)]
    return tables


def _client(key: str, name: str, city: str, headcount: float, organisation: str) -> Row:
    return entity(key, name, city, headcount, kind="headquarters", organisation=organisation)


def _one_office_notes(
    tables: Tables, policy: Policy, name: str, known: str, counts: str, basis: str = "published"
) -> list[Row]:
    key = "|".join((name, tables["demands"][0]["service"]))
    rows = [
        entry("entities", name, "headcount", figure(f"{known}.heads")),
        entry("demands", key, "volume", figure(f"{known}.posts")),
        entry("demands", key, "own_unit_cost", figure(f"{known}.home_cost")),
        *notes(tables, policy, counts),
    ]
    for row in rows:
        if (row["table"], row["column"]) == ("staffing", "share"):
            row["basis"] = basis
    return rows


def _priced(city: str, work: str, gap: str) -> Row:
    """Return the note on a price that follows from a calibrated pay gap."""
    about = figure(gap)
    reason = f"{about.reason}: {num(about.value)} a year over all posts"
    return remark("tiers", "|".join((city, work, "0")), "unit_cost", "assumed", reason, about.source)


def _settled(city: str, work: str, unit_cost: float) -> Row:
    """Return the price after the first year, when nothing of the pay gap is lost any more."""
    about = figure("unhcr.start_up_loss")
    return {
        "table": "tiers",
        "key": "|".join((city, work, "0")),
        "column": "unit_cost",
        "from": "2009-01-01",
        "value": num(unit_cost),
        "reason": about.reason,
        "source": about.source,
        "basis": about.basis,
    }


REGIONS_OF_WHO = {
    "AFRO": "Brazzaville",
    "AMRO": "Washington",
    "EMRO": "Cairo",
    "EURO": "Copenhagen",
    "SEARO": "New Delhi",
    "WPRO": "Manila",
}
WORK_OF_WHO = {
    "people": "Human resources and payroll",
    "finance": "Finance and payables",
    "procurement": "Procurement",
    "ict": "Information technology",
}


def who_2008() -> tuple[Tables, Policy]:
    """Return one centre for headquarters and six regions, all at once, with a price on several centres."""
    cities, tables = ("KUL", "MAA", "DEL", "MNL"), tables_of()
    seats, share = {"WHO": "Geneva", **REGIONS_OF_WHO}, value("who.headquarters_share")
    parts = {name: share if name == "WHO" else (1 - share) / len(REGIONS_OF_WHO) for name in seats}
    tables["entities"] = [
        _client(name, f"WHO office, {seat}", seat, round(value("who.heads") * parts[name]), "WHO")
        for name, seat in seats.items()
    ]
    tables["services"] = [service_of_posts(key, name) for key, name in WORK_OF_WHO.items()]
    before = value("who.home_cost") * value("who.posts_before") / value("who.posts")
    tables["demands"] = [
        office(name, work, value("who.posts") * part * value(f"who.share.{work}"), before)
        for name, part in parts.items()
        for work in WORK_OF_WHO
    ]
    tables["current"] = today_own(tables["demands"])
    tables["providers"] = [site(c, "WHO", setup_cost=num(value("candidate.setup_cost"))) for c in cities]
    for city in cities:
        for work in WORK_OF_WHO:
            add_line(tables, city, work, value("who.centre_cost") * value(f"who.other.{city}", 1.0))
    tables["decisions"] = [choice("KUL", "the place that was chosen; take this row out to compare the shortlist")]
    tables["staffing"] = [*posts(["OWN"], {"GS": 1}), *posts(list(cities), MIX_WHO)]
    policy = _policy_of_who()
    tables["assumptions"] = _notes_of_who(tables, policy, cities)
    return tables, policy


def _policy_of_who() -> Policy:
    return study_policy(
        date(2008, 7, 1),
        "year",
        8,
        dispersion_loss="who-25",
        transition_mode="big_bang",
        big_bang_period=1,
        big_bang_cost_factor=value("who.big_bang.cost_factor"),
        big_bang_probability=value("who.big_bang.probability"),
        big_bang_failure_cost=value("who.big_bang.failure_cost"),
    )


def _notes_of_who(tables: Tables, policy: Policy, cities: tuple[str, ...]) -> list[Row]:
    split = "191 posts by service and place: {} of the work in Geneva, a tenth in each region"
    where = split.format(num(value("who.headquarters_share")))
    rows = [
        entry("policy", "*", f"big_bang_{name}", figure(f"who.big_bang.{name}"))
        for name in ("cost_factor", "probability", "failure_cost")
    ]
    rows += [
        remark("policy", "*", "dispersion_loss", "published", "loss when the centre is spread", f"{JIU}, paragraph 55"),
        remark("entities", "*", "headcount", "assumed", "staff at the end of 2014, by share of the work", JIU),
        remark("demands", "*", "volume", "assumed", where, f"{JIU}, table 5 (total)"),
        entry("demands", "*", "own_unit_cost", figure("who.home_cost"), ranged=False),
        *(entry("providers", c, "setup_cost", figure("candidate.setup_cost")) for c in cities),
    ]
    for city in cities:
        name = "who.centre_cost" if city == "KUL" else f"who.other.{city}"
        rows += [entry("tiers", f"{city}|{w}|0", "unit_cost", figure(name), ranged=False) for w in WORK_OF_WHO]
    return [*rows, *notes(tables, policy, "posts by category of the centre; before: not printed, here all one")]


OFFICES_OF_FAO = {"FAO": "Rome", "RAF": "Accra", "RNE": "Cairo", "RLC": "Santiago", "RAP": "Bangkok"}
WORK_OF_FAO = {
    "people": "Human resources and payroll",
    "travel": "Travel and office support",
    "payables": "Payables, vendors, routine purchasing",
}
ZONES = {"BUD": "Europe;Africa;Western Asia;Central Asia", "SCL": "Americas", "BKK": "Asia;Oceania"}


def fao_2006() -> tuple[Tables, Policy]:
    """Return three zones, one centre in each; people and travel first, payables later."""
    tables, cut = tables_of(), 1 - value("fao.staff_cost_cut")
    size, regions = value("fao.posts"), value("fao.posts_before.regions")
    before = value("fao.posts_before.Rome") + regions
    home = value("fao.home_cost") * before / size
    parts = dict.fromkeys(OFFICES_OF_FAO, regions / 4 / before)
    parts["FAO"] = value("fao.posts_before.Rome") / before
    tables["entities"] = [
        _client(name, f"FAO office, {seat}", seat, round(value("fao.heads") * parts[name]), "FAO")
        for name, seat in OFFICES_OF_FAO.items()
    ]
    tables["services"] = [service_of_posts(k, n, location_class="regional") for k, n in WORK_OF_FAO.items()]
    tables["demands"] = [
        office(name, work, size * parts[name] * value(f"fao.share.{work}"), home if name == "FAO" else home * cut)
        for name in OFFICES_OF_FAO
        for work in WORK_OF_FAO
    ]
    tables["current"] = today_own(tables["demands"])
    tables["providers"] = [site(c, "FAO") for c in ZONES]
    for city, zone in ZONES.items():
        for work in WORK_OF_FAO:
            add_line(tables, city, work, home * cut, regions_served=zone)
    tables |= _waves_of_fao()
    policy = study_policy(date(2008, 1, 1), "quarter", 16, zones=True)
    policy["horizon"]["target_from"] = date(2008, 7, 1)
    tables["assumptions"] = _notes_of_fao(tables, policy)
    return tables, policy


def _waves_of_fao() -> Tables:
    later = date(2008, 1 + int(value("fao.later_months")), 1).isoformat()
    begin = {"people": "2008-01-01", "travel": "2008-01-01", "payables": later}
    home = {"RLC": "SCL", "RAP": "BKK"}
    return {
        "decisions": [
            {
                "action": "lock",
                "entity": name,
                "service": work,
                "provider": home.get(name, "BUD"),
                "reason": "the three centres that were chosen, in the order that was followed",
                "from": begin[work],
            }
            for name in OFFICES_OF_FAO
            for work in WORK_OF_FAO
        ],
        "precedence": [
            {"first": work, "then": "payables", "gap_months": num(value("fao.later_months")), "entity": "*"}
            for work in ("people", "travel")
        ],
        "staffing": [*posts(["OWN"], {"P": 9, "GS": 83}), *posts(list(ZONES), MIX_FAO)],
    }


def _notes_of_fao(tables: Tables, policy: Policy) -> list[Row]:
    split = "95 posts, by service as assumed, by place as the 72 and 20 that were cut"
    cut, same = figure("fao.staff_cost_cut"), "a post in a regional office costs what one in Budapest does"
    about = f"{cut.reason}; Santiago and Bangkok at the same price"
    return [
        remark("entities", "*", "headcount", "assumed", "staff at the end of 2014, by share of the work", JIU),
        remark("demands", "*", "volume", "derived", split, f"{JIU}, annex I"),
        *(entry("demands", f"FAO|{w}", "own_unit_cost", figure("fao.home_cost"), ranged=False) for w in WORK_OF_FAO),
        remark("demands", "*", "own_unit_cost", "assumed", same, "made up for this example"),
        remark("tiers", "*", "unit_cost", "published", f"0.34 of Rome: {about}", cut.source),
        *(
            entry("precedence", f"{w}|payables|*", "gap_months", figure("fao.later_months"))
            for w in ("people", "travel")
        ),
        *notes(tables, policy, "posts by category of the centre; before: 83 and 9 cut"),
    ]
