"""Links (通知链接): signed one-time tokens by which an alert is read and acknowledged without a sign-in."""
