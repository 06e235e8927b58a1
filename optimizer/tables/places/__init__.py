"""Where things are: gazetteer, extents of countries, places of rows."""
