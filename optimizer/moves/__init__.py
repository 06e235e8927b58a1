"""Single moves away from a plan: what they cost and which rules they keep; below solving and plans."""
