"""Pictures of every page of the service: ``python -m docs.screens``."""
