"""Why: structural findings, rules in conflict, what is wrong and by how much."""
