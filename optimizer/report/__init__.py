"""What people read: the HTML report, the terminal summary, the difference of two plans.

Everything here takes a finished plan document (see ``optimizer.plan``) and shows it; no
figure is computed anew except sums and differences of the document's own figures.

========================  ====================================================
``html.write_report``     one self-contained HTML file, printable on A4
``terminal``              summaries for the command line, by Rich
``compare.diff``          what changed from one plan to another
========================  ====================================================

Jinja2, Altair and vl-convert are imported only when an HTML report is written.
"""

from __future__ import annotations

from optimizer.report.compare import diff
from optimizer.report.html import write_report

__all__ = ["diff", "write_report"]
