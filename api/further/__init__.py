"""What is asked as a study over HTTP and is a function of its own in Python: its fields, and how it is answered."""
