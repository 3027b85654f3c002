"""Alerts (通知): one document per rule and what it is about, with every delivery of it inside."""
