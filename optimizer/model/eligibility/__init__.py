"""Which provider may serve which demand, and why not."""
