"""The country model: which office of a country team does for the others what can only be done on the spot.

How it flows: a case of one country → its plan over time (``ask``) → tables from the leaves of the plan and of today's
path (``tables``) → one document (``values``). ``batch`` does it for every country team of the reference table.
"""
