"""Which provider offers which line, where and for whom: the documents' free text, mapped.

Places and services are those the Secretary-General's 2023 report, JIU/REP/2009/6 and the UNDP
management response of 2018 name. Regions are the analyst's reading where the documents say only
"on a regional basis".
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data.builder.services import LINES, TRANSACTIONAL

__all__ = ["AGENCIES", "CANDIDATES", "SECRETARIAT", "Capability"]

PEOPLE = ("benefits", "hr_admin", "onboarding", "education_grant", "payroll")
SUPPLIERS = ("payables", "vendors")
REGIONAL_SET = ("travel", "claims", "procurement", "nonstaff")
EVERYTHING = tuple(line.id for line in LINES)
WORLD = "Africa;Americas;Asia;Europe;Oceania"
ASIA_PACIFIC = "Eastern Asia;South-eastern Asia;Southern Asia;Oceania"
LATIN = "Latin America and the Caribbean"


@dataclass(frozen=True, slots=True)
class Capability:
    """Lines on offer; ``regions`` for the regional ones; ``kinds`` of clients by line or ``*``."""

    lines: tuple[str, ...]
    regions: str = WORLD
    kinds: dict[str, str] = field(default_factory=dict)


LOCAL_KINDS = "department;other;regional_commission;office_away;tribunal"

SECRETARIAT: dict[str, Capability] = {
    "UNON": Capability((*TRANSACTIONAL, "procurement", "nonstaff"), "Africa"),
    "UNOG": Capability(
        EVERYTHING,
        "Europe;Central Asia;Western Asia",
        {"property": LOCAL_KINDS, "ict_helpdesk": LOCAL_KINDS},
    ),
    "UNOV": Capability(EVERYTHING, "Europe;Central Asia", {"*": LOCAL_KINDS}),
    "UNHQ-DOS": Capability(
        EVERYTHING,
        f"Northern America;{LATIN}",
        {
            "property": f"{LOCAL_KINDS};special_political",
            "ict_helpdesk": f"{LOCAL_KINDS};special_political",
        },
    ),
    "RSCE": Capability((*TRANSACTIONAL, "procurement"), "Africa"),
    "KJSO": Capability(TRANSACTIONAL, f"Asia;Europe;{LATIN}"),
    "UNGSC": Capability(("property", "ict_helpdesk", "procurement"), WORLD),
    "UNICTF": Capability(("ict_helpdesk",)),
    "ECA": Capability((*REGIONAL_SET, "hr_admin", "onboarding", *SUPPLIERS), "Africa"),
    "ECLAC": Capability(REGIONAL_SET, LATIN),
    "ESCAP": Capability(REGIONAL_SET, f"{ASIA_PACIFIC};Central Asia"),
    "ESCWA": Capability(REGIONAL_SET, "Western Asia;Northern Africa"),
}
"""ESCWA's region includes Northern Africa because the six states there are its members."""

AGENCIES: dict[str, Capability] = {
    "UNDP-CPH": Capability(("payroll", "benefits", "hr_admin", "procurement", "accounting", *SUPPLIERS)),
    "UNDP-KUL": Capability(("hr_admin", "accounting", *SUPPLIERS)),
    "WHO-GSC": Capability(
        ("payroll", "hr_admin", "onboarding", "accounting", *SUPPLIERS, "procurement", "ict_helpdesk")
    ),
    "UNHCR-BUD": Capability(("payroll", "hr_admin", "accounting", "payables", "procurement", "ict_helpdesk")),
    "UNHCR-KUL": Capability(("ict_helpdesk",)),
    "UNHCR-DXB": Capability(()),
    "UNHCR-PAN": Capability(("ict_helpdesk",), "Americas", {"ict_helpdesk": "rco"}),
    "FAO-BUD": Capability(
        ("payroll", "hr_admin", "travel", "claims", "payables", "procurement", "property"),
        "Africa;Europe;Western Asia;Central Asia",
    ),
    "FAO-SCL": Capability(("hr_admin", "travel", "claims", "payables", "procurement"), "Americas"),
    "FAO-BKK": Capability(("hr_admin", "travel", "claims", "payables", "procurement", "ict_helpdesk"), ASIA_PACIFIC),
    "FAO-ROM": Capability(()),
    "WFP-DEL": Capability(("ict_helpdesk", "vendors", "travel")),
    "WFP-DXB": Capability(("procurement",)),
    "UNFPA-CPH": Capability(("procurement",)),
}
"""Dubai (UNHCR: telecommunications and stocks) and Rome (coordination) run none of our lines."""

CANDIDATES: dict[str, Capability] = {
    "BUD": Capability(EVERYTHING, "Africa;Europe;Western Asia;Central Asia"),
    "KUL": Capability(EVERYTHING, ASIA_PACIFIC),
    "MNL": Capability(EVERYTHING, ASIA_PACIFIC),
    "MEX": Capability(EVERYTHING, "Americas"),
}
"""Places of locations_candidates.csv that the packaged case may open, in FAO's three zones."""
