"""One engine, one YAML per kind of case."""
