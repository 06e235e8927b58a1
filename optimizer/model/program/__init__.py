"""The solver-neutral program: columns, rows, objective."""
