"""Single moves of a plan: what they cost and which rules they keep."""
