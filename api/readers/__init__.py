"""Reading what users send as a case, in processes of their own: with limits, a few of them warm."""
