"""Telephone: calls of the switch, notes of the agent."""
