"""What every service stands on: the loop, the broker, the store, HTTP, settings, logs, metrics. Knows no service."""
