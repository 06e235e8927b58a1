"""Lagrangian prices: the bound, what is worth trying, which lines to open."""
