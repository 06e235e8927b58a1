"""Single-source facility location: exact knapsacks, branch and bound, a search over facilities."""
