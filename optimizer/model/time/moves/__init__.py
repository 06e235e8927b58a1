"""Single moves of a path: one stretch to another source, its dates and all else as they are."""
