"""Planning over time: figures that change, demand that comes and goes, each period as a steady case."""
