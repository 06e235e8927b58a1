"""A plan over time as people read it: sentences, pictures, tables, the summary on the terminal."""
