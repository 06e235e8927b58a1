"""Pages for planners: HTML over the same services as the API."""
