"""A case as arrays: eligibility with reasons, cost terms, and the price of a plan."""
