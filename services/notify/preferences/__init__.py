"""Preferences (通知设置): rules, recipients, silences and templates as people set them, by way of the log."""
