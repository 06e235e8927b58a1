"""Pages about Designate, and ``python -m docs.build``, which makes those that follow from the code. Not shipped."""
