"""Generalised assignment: exact knapsacks by line, ejection chains."""
