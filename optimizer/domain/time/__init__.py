"""Planning over time as frozen values: periods, figures that change, demand that comes and goes."""
