"""A plan over time planned again: what is under way stays, what slips is moved, each change has its reason."""
