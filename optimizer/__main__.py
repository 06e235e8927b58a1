"""``python -m optimizer``: the same as the ``designate`` command."""

from optimizer.cli.main import main

main()
