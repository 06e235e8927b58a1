"""A small clean case as CSV texts, and one bad input for each kind of finding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FILES: dict[str, str] = {
    "entities.csv": """\
id,name,kind,city,latitude,longitude,country,time_zone,work_start,work_end,weekend,languages,headcount,start,end,lead_preference
E1,Office one,rco,Kigali,,,RW,,08:00,16:30,,en;fr,12,,,
E2,Office two,mission,Nairobi,,,KE,,,,,en,40,2020-01-01,2030-01-01,NBO
""",
    "services.csv": """\
id,name,location_class,units_per_head,minutes_per_unit,min_overlap_hours,target_overlap_hours,language_rule,critical
PAY,Payroll,global,12,20,1,2,any,no
TRV,Travel,regional,,90,3,5,none,yes
""",
    "demands.csv": """\
entity,service,volume,own_unit_cost,own_fixed_cost
E1,PAY,100,,
E1,TRV,40,95.5,1000
E2,PAY,480,,
""",
    "providers.csv": """\
id,name,kind,status,city,country,latitude,longitude,time_zone,languages,capacity_fte,base_fte,min_fte,setup_cost,cost_per_fte,hardship_class
NBO,Centre one,secretariat,open,Nairobi,KE,,,,en;fr,120,80,,,48000,B
GVA,Centre two,agency,candidate,,CH,46.2,6.15,Europe/Zurich,en,50,0,5,1000,,H
""",
    "offers.csv": """\
provider,service,capacity,base_volume,min_volume,fixed_cost,fee_rate,service_level,regions_served,client_kinds
NBO,PAY,10000,2000,10,,0.07,,,rco;mission
NBO,TRV,,,,,,,Sub-Saharan Africa,
GVA,PAY,,,,500,,,,
""",
    "tiers.csv": """\
provider,service,from_volume,unit_cost
GVA,PAY,0,11.2
GVA,PAY,5000,9.8
""",
    "current.csv": """\
entity,service,provider,unit_cost
E1,PAY,NBO,12
E1,TRV,OWN,
""",
    "decisions.csv": """\
action,entity,service,provider,reason,decided_by,date
lock,E1,TRV,OWN,contract,Board,2026-01-15
forbid,kind:mission,PAY,GVA,policy,,
""",
    "assumptions.csv": """\
table,key,column,basis,low,high,reason,source
services,PAY,minutes_per_unit,assumed,15,30,no study,
offers,NBO|*,fee_rate,published,,,,report
""",
    "policy.toml": """\
currency = "USD"
calendar_year = 2026
interface_cost = 1000
site_count = { min = 1, max = 3 }

[transition]
training = 500.5
""",
}

Edit = tuple[str, str, str]
"""File, old text (once in the file), new text; an old text of "" replaces the whole file."""


@dataclass(frozen=True)
class Bad:
    """A bad input and where its finding must point."""

    code: str
    edits: tuple[Edit, ...]
    file: str
    row: int | None
    column: str = ""
    drop: tuple[str, ...] = ()


def bad(code: str, *edits: Edit, row: int | None, column: str = "", file: str = "", drop: tuple[str, ...] = ()) -> Bad:
    return Bad(code, edits, file or edits[0][0], row, column, drop)


def write_files(folder: Path, edits: tuple[Edit, ...] = (), drop: tuple[str, ...] = ()) -> Path:
    """Write the clean case with edits into a new folder."""
    folder.mkdir()
    files = {name: text for name, text in FILES.items() if name not in drop}
    for name, old, new in edits:
        if old:
            assert files[name].count(old) == 1, (name, old)
            files[name] = files[name].replace(old, new)
        else:
            files[name] = new
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


ENT, SRV, DEM, PRV, OFF, TIE, CUR, DEC, ASS, POL = FILES

BAD: tuple[Bad, ...] = (
    # files and tables
    bad("encoding_error", (ENT, "Office one", "B\udce9b\udce9"), row=2),
    bad("nul_byte", (ENT, "Office two", "Office\0two"), row=3),
    bad("wrong_delimiter", (CUR, "", FILES["current.csv"].replace(",", "|")), row=1),
    bad(
        "mixed_decimals",
        (TIE, "", "provider;service;from_volume;unit_cost\nGVA;PAY;0;11,25\nGVA;PAY;5000;9.8\n"),
        row=None,
    ),
    bad(
        "ambiguous_number",
        (TIE, "", "provider;service;from_volume;unit_cost\nGVA;PAY;0;11.200\nGVA;PAY;5000;9\n"),
        row=2,
        column="unit_cost",
    ),
    bad("title_above_header", (CUR, "", "Today,,,\n" + FILES["current.csv"]), row=1),
    bad("policy_as_csv", ("policy.csv", "", "key,value\nbackup,false\n"), row=None),
    bad("csv_syntax", (CUR, "NBO,12", '"NBO" x,12'), row=2),
    bad("csv_syntax", (CUR, "NBO,12", '"NBO,12'), row=2),
    bad("ragged_row", (CUR, "NBO,12", "NBO,12,13"), row=2),
    bad("ragged_row", (DEM, "E2,PAY,480,,", "E2,PAY,480"), row=4),
    bad("empty_file", (CUR, "", ""), row=1),
    bad("empty_file", (SRV, "", "\n\n"), row=1),
    bad("empty_table", (DEM, "", "entity,service,volume\n"), row=1),
    bad("unknown_table", ("curent.csv", "", "entity,service,provider\n"), row=None),
    bad("missing_table", (POL, "", ""), row=None, file="*", drop=("services.csv",)),
    bad("missing_table", (POL, "", ""), row=None, file="*", drop=("providers.csv",)),
    bad("unknown_column", (DEM, "own_unit_cost", "own_unitcost"), row=1, column="own_unitcost"),
    bad("duplicate_column", (DEM, "own_fixed_cost", "Volume"), row=1, column="volume"),
    bad("blank_column", (DEM, "volume,own_unit_cost", ",own_unit_cost"), row=1),
    bad("missing_column", (ENT, ",headcount", ",kind_"), row=1, column="headcount"),
    bad("toml_syntax", (POL, "= 2026", "= = 2026"), row=2),
    # cells
    bad("required_value", (ENT, "Office two", ""), row=3, column="name"),
    bad("required_value", (DEM, "E2,PAY", ",PAY"), row=4, column="entity"),
    bad("required_value", (PRV, "agency", ""), row=3, column="kind"),
    bad("reason_missing", (DEC, "policy", " "), row=3, column="reason"),
    bad("bad_number", (DEM, "480", "4 80"), row=4, column="volume"),
    bad("bad_number", (DEM, "480", "NaN"), row=4, column="volume"),
    bad("bad_number", (DEM, "480", "12%"), row=4, column="volume"),
    bad("bad_number", (DEM, "480", "1_000"), row=4, column="volume"),
    bad("bad_number", (DEM, "480", '"1,000"'), row=4, column="volume"),
    bad("bad_number", (DEM, "480", "٤٨٠"), row=4, column="volume"),
    bad("negative_number", (DEM, "480", "-480"), row=4, column="volume"),
    bad("negative_number", (OFF, "0.07", "-0.07"), row=2, column="fee_rate"),
    bad("not_positive", (SRV, "12,20,", "12,0,"), row=2, column="minutes_per_unit"),
    bad("too_many_decimals", (DEM, "480", "480.1234567"), row=4, column="volume"),
    bad("too_many_decimals", (DEM, "480", "1e-7"), row=4, column="volume"),
    bad("too_many_decimals", (DEM, "480", "0." + "1" + "0" * 40 + "1"), row=4, column="volume"),
    bad("out_of_range", (DEM, "480", "1000000000.000001"), row=4, column="volume"),
    bad("out_of_range", (DEM, "95.5", "1e14"), row=3, column="own_unit_cost"),
    bad("out_of_range", (DEM, "480", "1e9999"), row=4, column="volume"),
    bad("out_of_range", (SRV, "20,1,2", "20,1,25"), row=2, column="target_overlap_hours"),
    bad(
        "out_of_range",
        (SRV, "any,no", "any,no,1.1"),
        (SRV, "none,yes", "none,yes,"),
        (SRV, "critical\n", "critical,risk_rate\n"),
        row=2,
        column="risk_rate",
    ),
    bad(
        "negative_number",
        (PRV, "48000,B", "48000,B,-1"),
        (PRV, "1000,,H", "1000,,H,"),
        (PRV, "class\n", "class,reserve_min\n"),
        row=2,
        column="reserve_min",
    ),
    bad(
        "out_of_range",
        (ENT, "en,40", "en,999999999"),
        (DEM, "480", ""),
        (SRV, "global,12,", "global,99,"),
        row=4,
        column="volume",
        file="demands.csv",
    ),
    bad("bad_flag", (SRV, "none,yes", "none,maybe"), row=3, column="critical"),
    bad("bad_date", (ENT, "2020-01-01", "01/02/2020"), row=3, column="start"),
    bad("bad_date", (ENT, "2020-01-01", "2020-02-30"), row=3, column="start"),
    bad("bad_date", (ENT, "2020-01-01", "20200101"), row=3, column="start"),
    bad("bad_time", (ENT, "08:00", "8 am"), row=2, column="work_start"),
    bad("bad_time", (ENT, "16:30", "24:00"), row=2, column="work_end"),
    bad("bad_weekday", (ENT, "16:30,,", "16:30,Sat;Sonntag,"), row=2, column="weekend"),
    bad("bad_time_zone", (PRV, "Europe/Zurich", "Europe/Zuerich"), row=3, column="time_zone"),
    bad("bad_time_zone", (PRV, "Europe/Zurich", "UTC+1"), row=3, column="time_zone"),
    bad("bad_language", (ENT, "en;fr", "en;English"), row=2, column="languages"),
    bad("bad_country", (ENT, "RW", "Rwanda"), row=2, column="country"),
    bad("bad_country", (PRV, "CH,46", "XX,46"), row=3, column="country"),
    bad("unknown_region", (OFF, "Sub-Saharan Africa", "Subsaharan Africa"), row=3, column="regions_served"),
    bad("unknown_choice", (SRV, "regional", "regionale"), row=3, column="location_class"),
    bad("unknown_choice", (PRV, "secretariat,open", "secretariat,opened"), row=2, column="status"),
    bad("unknown_choice", (PRV, "48000,B", "48000,F"), row=2, column="hardship_class"),
    bad("unknown_choice", (ASS, "published", "guessed"), row=3, column="basis"),
    bad("bad_id", (ENT, "E2,Office", "E;2,Office"), row=3, column="id"),
    bad("bad_id", (ENT, "E2,Office", "E2 ,Office"), row=3, column="id"),
    bad("bad_id", (SRV, "TRV,Travel", "T|V,Travel"), row=3, column="id"),
    bad("reserved_id", (PRV, "GVA,Centre", "OWN,Centre"), row=3, column="id"),
    bad("reserved_id", (ENT, "E2,Office", "*,Office"), row=3, column="id"),
    bad("text_too_long", (ENT, "Office two", "x" * 4001), row=3, column="name"),
    bad("bad_character", (ENT, "Office two", "Office\x07two"), row=3, column="name"),
    bad("bad_character", (ENT, "Office two", "Offi\ufffde"), row=3, column="name"),
    bad("bad_coordinate", (PRV, "46.2,", "north,"), row=3, column="latitude"),
    bad("bad_coordinate", (PRV, "46.2,", "46°77′N,"), row=3, column="latitude"),
    bad("coordinate_range", (PRV, "46.2,", "96.2,"), row=3, column="latitude"),
    bad("coordinate_range", (PRV, "6.15,", "-180.5,"), row=3, column="longitude"),
    bad("half_coordinates", (PRV, "6.15,", ","), row=3, column="longitude"),
    bad("half_coordinates", (PRV, "46.2,", ","), row=3, column="latitude"),
    bad("place_missing", (ENT, "Kigali", ""), row=2, column="city"),
    bad("unknown_place", (ENT, "Kigali", "Kigalli"), row=2, column="city"),
    bad("ambiguous_place", (ENT, "Kigali,,,RW", "Valencia,,,"), row=2, column="city"),
    bad("ambiguous_place", (ENT, "Kigali,,,RW", "Suzhou,,,CN"), row=2, column="city"),
    bad("country_differs", (ENT, "Nairobi,,,KE", "Nairobi,,,UG"), row=3, column="country"),
    bad("country_unknown", (PRV, "CH,46.2,6.15", ",-60,-120"), row=3, column="country"),
    bad("time_zone_missing", (PRV, "CH,46.2,6.15,Europe/Zurich", "CH,-60,-120,"), row=3, column="time_zone"),
    # rows and relations
    bad("duplicate_id", (ENT, "E2,Office", "E1,Office"), row=3, column="id"),
    bad("duplicate_key", (DEM, "E1,TRV", "E1,PAY"), row=3, column="service"),
    bad("duplicate_key", (OFF, "GVA,PAY", "NBO,PAY"), row=4, column="service"),
    bad("duplicate_key", (ASS, "offers,NBO|*,fee_rate", "services,PAY,minutes_per_unit"), row=3, column="column"),
    bad("duplicate_current", (CUR, "E1,TRV", "E1,PAY"), row=3, column="service"),
    bad("dangling_reference", (ENT, ",NBO", ",NBI"), row=3, column="lead_preference"),
    bad("dangling_reference", (DEM, "E2,PAY", "E3,PAY"), row=4, column="entity"),
    bad("dangling_reference", (DEM, "E2,PAY", "E2,PAYROLL"), row=4, column="service"),
    bad("dangling_reference", (OFF, "GVA,PAY", "GVB,PAY"), row=4, column="provider"),
    bad("dangling_reference", (OFF, "GVA,PAY", "GVA,PYA"), row=4, column="service"),
    bad("dangling_reference", (TIE, "GVA,PAY,5000", "GVB,PAY,5000"), row=3, column="provider"),
    bad("dangling_reference", (TIE, "GVA,PAY,5000", "GVA,TRV,5000"), row=3, column="service"),
    bad("dangling_reference", (CUR, "NBO,12", "NBI,12"), row=2, column="provider"),
    bad("dangling_reference", (CUR, "E1,TRV", "E1,TRAVEL"), row=3, column="service"),
    bad("dangling_reference", (DEC, "lock,E1", "lock,E9"), row=2, column="entity"),
    bad("dangling_reference", (DEC, "PAY,GVA", "PAY,GVB"), row=3, column="provider"),
    bad("end_before_start", (ENT, "2030-01-01", "2020-01-01"), row=3, column="end"),
    bad("working_hours_order", (ENT, "08:00,16:30", "16:30,08:00"), row=2, column="work_end"),
    bad("working_hours_order", (ENT, "08:00,16:30", "17:00,"), row=2, column="work_end"),
    bad("no_working_day", (ENT, "16:30,,", "16:30,Mon;Tue;Wed;Thu;Fri;Sat;Sun,"), row=2, column="weekend"),
    bad("volume_missing", (DEM, "E1,TRV,40", "E1,TRV,"), row=3, column="volume"),
    bad(
        "no_source", (POL, "", ""), row=2, column="own_unit_cost", file="demands.csv", drop=("offers.csv", "tiers.csv")
    ),
    bad("no_price", (TIE, "", "provider,service,from_volume,unit_cost\n"), row=4, column="service", file="offers.csv"),
    bad("tier_first_not_zero", (TIE, "PAY,0,", "PAY,1,"), row=2, column="from_volume"),
    bad("tier_order", (TIE, "PAY,5000,", "PAY,0.0,"), row=3, column="from_volume"),
    bad("tier_cost_rising", (TIE, "9.8", "11.3"), row=3, column="unit_cost"),
    bad("regions_missing", (OFF, "Sub-Saharan Africa", ""), row=3, column="regions_served"),
    bad("capacity_below_base", (OFF, "10000,2000", "1999,2000"), row=2, column="base_volume"),
    bad("minimum_above_capacity", (OFF, "10000,2000,10,", "2005,2000,10,"), row=2, column="min_volume"),
    bad("site_below_base", (PRV, "120,80", "79,80"), row=2, column="base_fte"),
    bad("site_minimum_above_capacity", (PRV, "50,0,5", "4.5,0,5"), row=3, column="min_fte"),
    bad("lock_and_forbid", (DEC, "PAY,GVA", ",OWN"), (DEC, "kind:mission", "kind:rco"), row=3, column="provider"),
    bad("two_locks", (DEC, "forbid,kind:mission,PAY,GVA", "lock,*,TRV,NBO"), row=3, column="provider"),
    bad("forbid_without_provider", (DEC, "PAY,GVA", "PAY,"), row=3, column="provider"),
    bad("lock_without_current", (DEC, "forbid,kind:mission,PAY,GVA", "lock,E2,PAY,"), row=3, column="provider"),
    bad("decision_names_nothing", (DEC, "kind:mission", "kind:misson"), row=3, column="entity"),
    bad("assumption_nowhere", (ASS, "services,PAY", "service,PAY"), row=2, column="table"),
    bad("assumption_nowhere", (ASS, "services,PAY", "services,PAZ"), row=2, column="key"),
    bad("assumption_nowhere", (ASS, "minutes_per_unit", "minutes"), row=2, column="column"),
    bad("assumption_nowhere", (ASS, "services,PAY", "policy,interface"), row=2, column="key"),
    bad("assumption_range", (ASS, "15,30", "30,15"), row=2, column="low"),
    # policy
    bad("policy_unknown_key", (POL, "interface_cost", "interface_costs"), row=3, column="interface_costs"),
    bad("policy_unknown_key", (POL, "training", "trainings"), row=7, column="transition.trainings"),
    bad("policy_type", (POL, "= 1000", '= "much"'), row=3, column="interface_cost"),
    bad("policy_type", (POL, "= 2026", "= 2026.5"), row=2, column="calendar_year"),
    bad("policy_type", (POL, "interface_cost = 1000", 'backup = "perhaps"'), row=3, column="backup"),
    bad("policy_type", (POL, "{ min = 1, max = 3 }", "[1]"), row=4, column="site_count"),
    bad("policy_range", (POL, "= 2026", "= 2038"), row=2, column="calendar_year"),
    bad("policy_range", (POL, "interface_cost = 1000", "price_step = 0"), row=3, column="price_step"),
    bad("unknown_choice", (POL, "interface_cost = 1000", 'idle_by = "weight"'), row=3, column="idle_by"),
    bad("unknown_choice", (POL, "interface_cost = 1000", 'price_list = "all"'), row=3, column="price_list"),
    bad("policy_range", (POL, "= 1000", "= -1"), row=3, column="interface_cost"),
    bad("policy_type", (POL, "= 1000", "= nan"), row=3, column="interface_cost"),
    bad("too_many_decimals", (POL, "= 1000", "= 0.0000001"), row=3, column="interface_cost"),
    bad("policy_currency", (POL, '"USD"', '"Dollar"'), row=1, column="currency"),
    bad(
        "policy_dispersion",
        (POL, "interface_cost = 1000", "dispersion_loss = [0, -0.1]"),
        row=3,
        column="dispersion_loss",
    ),
    bad(
        "policy_dispersion",
        (POL, "interface_cost = 1000", 'dispersion_loss = "who-26"'),
        row=3,
        column="dispersion_loss",
    ),
    bad("policy_site_count", (POL, "min = 1", "min = 4"), row=4, column="site_count"),
    bad("unknown_choice", (POL, "interface_cost = 1000", 'language_mode = "ban"'), row=3, column="language_mode"),
    bad("bad_date", (POL, "interface_cost = 1000", 'as_of = "yesterday"'), row=3, column="as_of"),
    bad("nested_value", (POL, "= 1000", "= [[1]]"), row=3, column="interface_cost"),
)
"""One entry for each way in which a CSV folder can be wrong."""
