"""What people read: the HTML report, the terminal summary, the difference of two plans.

Everything here takes a finished plan document (see ``optimizer.plan``) and shows it; no
figure is computed anew except sums and differences of the document's own figures.

========================  ====================================================
``html.write_report``     one self-contained HTML file, printable on A4
``terminal``              summaries for the command line, by Rich
``compare.diff``          what changed from one plan to another
========================  ====================================================

Altair and vl-convert are imported only when an HTML report is written.
"""
