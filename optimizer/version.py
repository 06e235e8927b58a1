"""The version of the product, in its one place: the package, its documents and its build read it here."""

__version__ = "0.1.0"
