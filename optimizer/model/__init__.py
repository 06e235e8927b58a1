"""What a plan may be and what it costs: the case as arrays, eligibility, costs, rules, the program."""
