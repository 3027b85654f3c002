"""Full text over cases."""
