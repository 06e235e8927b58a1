"""Why there is no plan: structural findings, rules in conflict, the plan with the least unserved effort."""
