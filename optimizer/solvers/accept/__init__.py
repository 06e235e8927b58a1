"""From arrays to a plan that holds exactly: backend choice, limits, cuts, and which claims are believed."""
