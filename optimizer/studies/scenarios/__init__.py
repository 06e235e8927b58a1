"""Many cases made of one by a file of changes, solved and compared."""
