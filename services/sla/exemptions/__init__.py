"""Exemptions (免责): time that does not count, asked for by one person and approved by another."""
