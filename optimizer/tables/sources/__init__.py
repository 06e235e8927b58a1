"""Files of a case to raw cells: CSV, XLSX, JSON, TOML."""
