"""Fair shares of a steady plan: what clients, and groups of them, would pay by themselves, beside what they pay.

How it flows: a case and its verified plan → the game (``game``: rules that a group of its own does not keep are off)
→ least costs of groups with both ends (``costs``) → the test alone (``alone``), the core (``core``, by ``payments`` and
``program``), Shapley values (``shapley``) → one document (``values``, ``ask``).
"""
