"""The record of a case: its timeline in words, its chain, evidence, print."""
