"""Routes, one module a resource; thin."""
