"""A dynamic plan as a document: ``designate.plan/2``."""
