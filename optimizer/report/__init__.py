"""What people read: the HTML report, the terminal summary, the difference of two plans.

Everything here takes a finished plan document (see ``optimizer.plan``) and shows it; no
figure is computed anew except sums and differences of the document's own figures. What a
demand costs as it is served today, of which the document has the sums, comes from the case.

========================  ====================================================
``html.write_report``     one HTML file that needs no network, printable on A4
``workbook.plan_book``    the plan as a workbook, with names
``terminal``              summaries for the command line, by Rich
``compare.diff``          what changed from one plan to another
========================  ====================================================

Jinja2, openpyxl and the model are imported only when a report or a workbook is written.
"""

from __future__ import annotations

from optimizer.report.compare import diff
from optimizer.report.html import write_report

__all__ = ["diff", "write_report"]
