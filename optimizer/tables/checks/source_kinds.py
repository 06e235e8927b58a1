"""Findings about files, sheets, documents and columns."""

from __future__ import annotations

from typing import Final

from optimizer.tables.checks.kinds import Kind

__all__ = ["SOURCE_KINDS"]

SOURCE_KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        "case_not_found",
        "error",
        "the path of the case does not exist",
        "Check the path; a case is a folder of CSV files, a zip of one, an XLSX workbook or a JSON document.",
    ),
    Kind(
        "plan_not_case",
        "error",
        "what is given is a plan, or another answer, where a case is wanted",
        "Name the case that it was made from.",
    ),
    Kind(
        "unsupported_format",
        "error",
        "the file is of a kind that cannot hold a case",
        "Save it as a folder of CSV files, a .zip of one, .xlsx or .json.",
    ),
    Kind(
        "unwritable_format",
        "error",
        "a case is to be written to a file of a kind that cannot hold one",
        "End the name in .xlsx or .json, or give a folder a name without an ending for its CSV files.",
    ),
    Kind(
        "unreadable_file",
        "error",
        "the operating system or the archive refused to give the file's content",
        "Check permissions and that the file is complete.",
    ),
    Kind(
        "file_too_large",
        "error",
        "a file is larger than the limit",
        "Reduce it below {limit} or raise the limit of the installation.",
    ),
    Kind(
        "too_many_rows",
        "error",
        "a table has more rows than the limit",
        "Reduce the table to {limit} rows or raise the limit of the installation.",
    ),
    Kind(
        "cell_too_far",
        "error",
        "a cell of a sheet stands far beyond its table",
        "Delete the cells beyond the table; at most {limit} {what} are read.",
    ),
    Kind(
        "unsafe_archive",
        "error",
        "an archive holds names or sizes that could do harm when unpacked",
        "Zip the plain CSV files again, without folders that point elsewhere.",
    ),
    Kind(
        "not_a_spreadsheet",
        "error",
        "the file is called .xlsx but is not a workbook",
        "Open it in a spreadsheet program and save it as XLSX, without a password.",
    ),
    Kind(
        "tables_in_subfolder",
        "error",
        "the folder holds no tables, but a folder inside it does",
        "Name the folder that holds the tables: {place}.",
    ),
    Kind(
        "file_not_read",
        "warning",
        "a file is named like a table or the policy but has another ending or lies in another folder",
        "Save it as {right} beside the other tables; a leading underscore marks what is to be ignored.",
    ),
    Kind(
        "policy_as_csv",
        "error",
        "the policy of a folder or zip is given as CSV, which is not read",
        "Write its keys into policy.toml, one a line such as backup = false, and remove {value}.",
    ),
    Kind(
        "hidden_sheet",
        "warning",
        "a sheet is hidden, which does not keep it from being read",
        "Show it and check it, or put an underscore before its name to have it ignored.",
    ),
    Kind(
        "hidden_rows",
        "warning",
        "rows are hidden or filtered out, which does not keep them from being read",
        "Show all rows, and delete those that are not meant.",
    ),
    Kind(
        "hidden_columns",
        "warning",
        "columns are hidden, which does not keep them from being read",
        "Show all columns, and delete or clear those that are not meant.",
    ),
    Kind(
        "formula_cell",
        "error",
        "a cell holds a formula, whose value cannot be trusted",
        "Copy the sheet and paste values only.",
    ),
    Kind(
        "merged_cells",
        "error",
        "cells are merged, so some rows have no value of their own",
        "Unmerge {range} and fill every cell.",
    ),
    Kind("error_cell", "error", "a cell holds a spreadsheet error such as #N/A", "Replace it by a value or clear it."),
    Kind("json_syntax", "error", "the document is not well-formed JSON", "Mend the syntax at the place named."),
    Kind(
        "json_duplicate_key",
        "error",
        "an object of the document names a key twice",
        "Keep one of the two values of {key}.",
    ),
    Kind("json_not_finite", "error", "the document holds NaN or Infinity", "Leave the value out or give a number."),
    Kind(
        "json_structure",
        "error",
        "the document is not an object of lists of objects",
        "Give each table as a list of objects and policy as an object.",
    ),
    Kind(
        "nested_value",
        "error",
        "a value is itself an object, or a list of lists",
        "Give text, a number, true, false, null or a flat list.",
    ),
    Kind("toml_syntax", "error", "policy.toml is not well-formed TOML", "Mend the syntax at the place named."),
    Kind(
        "encoding_error",
        "error",
        "the file is not UTF-8 throughout",
        "{hint}Or save it as UTF-8; the first offending byte is at offset {offset}.",
    ),
    Kind(
        "code_page",
        "warning",
        "the file is not plain UTF-8 and was read as said",
        "Check that accented letters are right, or save the file as UTF-8.",
    ),
    Kind("nul_byte", "error", "the file holds NUL bytes: it is damaged, binary or UTF-16", "Save it as UTF-8 text."),
    Kind(
        "wrong_delimiter",
        "error",
        "cells are separated by a mark that is not read",
        "Save the file with commas, semicolons or tabs between cells.",
    ),
    Kind(
        "other_separator",
        "warning",
        "cells are separated by semicolons or tabs, not commas",
        "Check numbers with decimals and lists, or save the file with commas and decimal points.",
    ),
    Kind("mixed_decimals", "error", "a table has both decimal commas and decimal points", "Write all numbers alike."),
    Kind(
        "title_above_header",
        "error",
        "there are rows above the header line",
        "Delete every row above the header, which is in row {header}.",
    ),
    Kind(
        "csv_syntax",
        "error",
        "quotes do not close or are followed by text",
        "Quote the whole cell and double every quote inside.",
    ),
    Kind(
        "ragged_row",
        "error",
        "a line has another number of cells than the header",
        "Give {expected} cells; put a cell that holds a comma in quotes.",
    ),
    Kind("empty_file", "error", "a table has no header line", "Add the header line, or remove an optional table."),
    Kind("empty_table", "error", "a required table has no rows", "Add at least one row."),
    Kind(
        "unknown_table",
        "error",
        "a file, sheet or key is no table of a case",
        "{guess}Tables are: {tables}. A leading underscore marks what is to be ignored.",
    ),
    Kind("duplicate_table", "error", "a table is given twice", "Keep one of them."),
    Kind("missing_table", "error", "a table that is needed is not there", "{hint}Add the table {table}."),
    Kind("unknown_column", "error", "a column is not in the schema", "{guess}Remove or rename the column."),
    Kind("duplicate_column", "error", "the header names a column twice", "Keep one of the two columns."),
    Kind(
        "blank_column",
        "error",
        "a column that no name of the schema stands above holds values",
        "Name the column or remove it.",
    ),
    Kind("missing_column", "error", "a required column is not there", "Add the column {column}."),
    Kind(
        "too_many_problems",
        "info",
        "more findings of one kind than are listed",
        "Mend those listed and validate again.",
    ),
)
"""In the order in which a file is read."""
