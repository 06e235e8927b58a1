"""The service: planners submit cases over HTTP and get plans and savings back, durably. See ``README.md``."""
