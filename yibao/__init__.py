"""The product's command line: the only place that knows all services."""
