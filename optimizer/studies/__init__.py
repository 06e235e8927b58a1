"""Questions about a case that take many solves."""
