"""Rules (通知规则): which event makes an alert, for whom, how urgent, in which words."""
