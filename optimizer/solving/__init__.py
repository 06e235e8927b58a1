"""From arrays to a plan that holds exactly: backend choice, limits, cuts, infeasible cases."""
