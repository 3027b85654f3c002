"""Answers to people: one lane per channel, receipts back."""
