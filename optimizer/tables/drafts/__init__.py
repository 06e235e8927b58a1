"""Drafts of cases: the cells of all tables as text, to be mended until the ordinary reader finds no error in them."""
