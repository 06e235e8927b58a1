"""The joint problem of all periods: what ties them together, and its program."""
