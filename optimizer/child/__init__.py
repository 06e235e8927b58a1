"""What every child process gets and what it is kept from: its environment, its limits, its network. Knows no solver."""
