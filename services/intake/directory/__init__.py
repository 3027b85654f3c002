"""Institutions, contacts, service contracts and staff: kept as a log, edited by API, cached where needed."""
