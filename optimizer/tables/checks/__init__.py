"""What can be wrong with a case, and the checks that find it."""
