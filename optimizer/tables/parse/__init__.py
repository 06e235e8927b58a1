"""Raw cells to values."""
