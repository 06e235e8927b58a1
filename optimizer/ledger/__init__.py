"""The ledger of a plan: what was promised, what happened, and why it differs. Entries are added, never changed.

How it flows: entries in a chain (``entries``) → what was frozen (``frozen``), what was imported (``importing``) → both
by period (``state``) → variance to the cent (``variance``) → reports (``report``, ``values``); ``book`` is for callers.
"""
