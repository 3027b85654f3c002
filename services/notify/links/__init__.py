"""Links (通知链接): signed tokens that show an alert without a sign-in until they expire; it is acknowledged once."""
