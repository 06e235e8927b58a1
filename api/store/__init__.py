"""The store: models, sessions, migrations."""
