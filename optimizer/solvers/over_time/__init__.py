"""Large cases over time: steady problems that bound them, dates for the way to a target, and search from there."""
